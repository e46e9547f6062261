"""A limit under ten times as many simultaneous calls, over every worker."""

from collections import Counter

import pytest

from tests.races.crowd import CALLERS, progress, rounds

pytestmark = pytest.mark.races

LIMIT = 25


def test_a_limit_passes_exactly_as_many_calls_as_it_says(server, crowd, new_key):
    for number in range(rounds(3, 15)):
        key = new_key(rate_limit={"limit": LIMIT, "per_seconds": 3600})
        call = ("GET", "/users?limit=1", None, {"X-API-Key": key["key"]})
        answers = [answer for _ in range(10 * LIMIT // CALLERS) for answer in crowd.at_once(call)]
        assert Counter(answer.status for answer in answers) == {200: LIMIT, 429: 9 * LIMIT}, number
        left = sorted(answer.headers["x-ratelimit-remaining"] for answer in answers if answer.status == 200)
        assert left == sorted(map(str, range(LIMIT))), "each call was told its own place"
        for answer in answers:
            if answer.status == 429:
                assert answer.code == "rate_limited" and 0 < int(answer.headers["retry-after"]) <= 3600
        progress(f"limit {number + 1}: exactly {LIMIT} of {len(answers)} over {server.workers} worker(s)")


def test_refused_calls_count_towards_the_limit_like_all_others(crowd, new_key):
    key = new_key(rate_limit={"limit": LIMIT, "per_seconds": 3600}, scopes=["data:read"])
    forbidden = ("GET", "/users", None, {"X-API-Key": key["key"]})
    answers = [answer for _ in range(2) for answer in crowd.at_once(forbidden)]
    assert Counter(answer.status for answer in answers) == {403: LIMIT, 429: 2 * CALLERS - LIMIT}
