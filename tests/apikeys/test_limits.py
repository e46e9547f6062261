"""How fast one key may call: exact, and said on every answer to a recognised key."""

import re
import time

import pytest

from apikeys.models import ApiKey
from protocol.counters import RedisCounters
from tests.protocol.test_counters import Lent

HEADERS = ("RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture
def lent(monkeypatch):
    """A Redis that can be taken away, in the place of the counters."""
    store = Lent()
    monkeypatch.setattr("apikeys.limits.counters", lambda: store)
    monkeypatch.setattr("protocol.counters.shared.ASK_AGAIN", 3600)
    return store


def said(answer):
    """(limit, seconds, remaining, time left) of the two standard headers."""
    policy = re.fullmatch(r'"key";q=(\d+);w=(\d+)', answer["RateLimit-Policy"])
    left = re.fullmatch(r'"key";r=(\d+);t=(\d+)', answer["RateLimit"])
    return int(policy[1]), int(policy[2]), int(left[1]), int(left[2])


def test_the_default_limit_is_said_and_counts_down(api, new_key):
    caller = api.with_key(new_key()["key"])
    first, second = caller.call("GET", "/users"), caller.call("GET", "/users")
    assert said(first)[:3] == (600, 60, 599)
    assert said(second)[:3] == (600, 60, 598)
    assert 59 <= said(first)[3] <= 60
    assert (second["X-RateLimit-Limit"], second["X-RateLimit-Remaining"]) == ("600", "598")
    assert 58 <= int(second["X-RateLimit-Reset"]) - time.time() <= 61


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (200, "GET", "/users", None),
        (200, "HEAD", "/users", None),
        (201, "POST", "/users", {}),
        (403, "GET", "/api-keys", None),
        (403, "DELETE", "/users/0192f1aa-0000-7000-8000-000000000000", None),
        (404, "GET", "/users/0192f1aa-0000-7000-8000-000000000000", None),
        (405, "PUT", "/users", {}),
        (405, "OPTIONS", "/users", None),
        (405, "POST", "/api-keys/self", {}),
        (415, "POST", "/users", "form"),
        (422, "GET", "/users?limit=0", None),
        (422, "POST", "/users", {"nmae": "x"}),
    ],
)
def test_every_answer_to_a_recognised_key_is_counted_and_says_so(api, new_key, status, method, path, body):
    caller = api.with_key(new_key(rate_limit={"limit": 50, "per_seconds": 60})["key"])
    caller.call("GET", "/api-keys/self")
    extra = {"CONTENT_TYPE": "text/plain"} if body == "form" else {}
    answer = caller.call(method, path, body, **extra)
    assert answer.status_code == status
    assert said(answer)[:3] == (50, 60, 48)
    assert all(name in answer for name in HEADERS)


@pytest.mark.parametrize("path", ["/nowhere", "/users/"])
def test_an_answer_from_no_route_says_nothing_of_limits(api, new_key, path):
    answer = api.with_key(new_key()["key"]).call("GET", path)
    assert answer.status_code == 404
    assert not any(name in answer for name in HEADERS)


def test_a_refused_key_has_no_limit_headers(api, db):
    answer = api.with_key("ow_live_x").call("GET", "/users")
    assert not any(name in answer for name in HEADERS)


def test_a_developer_has_one_limit_over_all_sessions(api, ann, sign_in, settings):
    settings.DEVELOPER_RATE_LIMIT = (2, 60)
    first, second = (api.with_token(sign_in(ann)["access_token"]) for _ in range(2))
    answers = [session.call("GET", "/auth/me") for session in (first, second, first)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"developer";q=2;w=60'
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["code"] == "rate_limited"
    assert answers[2]["Retry-After"]


def test_a_team_may_have_one_limit_over_all_its_keys(api, new_key, settings):
    settings.TEAM_RATE_LIMIT = (3, 10)
    first, second = (api.with_key(new_key()["key"]) for _ in range(2))
    answers = [key.call("GET", "/users") for key in (first, second, second, first)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[2]["RateLimit-Policy"] == '"key";q=600;w=60, "team";q=3;w=10'
    assert re.fullmatch(r'"key";r=598;t=60, "team";r=0;t=\d+', answers[2]["RateLimit"])
    assert (answers[0]["X-RateLimit-Limit"], answers[0]["X-RateLimit-Remaining"]) == ("3", "2")
    assert "All keys of this team" in answers[3].json()["detail"]


def test_one_team_is_not_limited_for_another(api, new_key, as_bob, settings):
    settings.TEAM_RATE_LIMIT = (1, 60)
    hers, his = new_key()["key"], as_bob.call("POST", "/api-keys", {}).json()["key"]
    answers = [api.with_key(key).call("GET", "/users").status_code for key in (hers, his, hers)]
    assert answers == [200, 200, 429]


@pytest.mark.parametrize(("processes", "share"), [(1, 8), (2, 4), (3, 2), (100, 1)])
def test_while_counters_are_not_shared_each_process_passes_its_share(
    api, new_key, settings, monkeypatch, processes, share
):
    settings.WORKERS, settings.SERVERS = processes, 1
    caller = api.with_key(new_key(rate_limit={"limit": 8, "per_seconds": 60})["key"])
    alone = RedisCounters("redis://127.0.0.1:1/0")
    monkeypatch.setattr("apikeys.limits.counters", lambda: alone)
    answers = [caller.call("GET", "/users") for _ in range(9)]
    assert [answer.status_code for answer in answers].count(200) == share
    assert not any(name in answer for answer in answers for name in HEADERS)
    assert answers[-1]["Retry-After"]


def test_the_limit_is_exact(api, new_key):
    caller = api.with_key(new_key(rate_limit={"limit": 7, "per_seconds": 60})["key"])
    answers = [caller.call("GET", "/users") for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 7 + [429] * 2
    assert [said(answer)[2] for answer in answers] == [6, 5, 4, 3, 2, 1, 0, 0, 0]
    refused = answers[7]
    assert refused.json()["code"] == "rate_limited"
    assert re.fullmatch(r"\d+", refused["Retry-After"])
    assert 58 <= int(refused["Retry-After"]) <= 60
    assert refused["RateLimit-Policy"] == '"key";q=7;w=60'


def test_refused_calls_count_too(api, new_key):
    caller = api.with_key(new_key(rate_limit={"limit": 2, "per_seconds": 60}, scopes=["data:read"])["key"])
    assert [caller.call("GET", "/users").status_code for _ in range(3)] == [403, 403, 429]


def test_the_window_opens_again(api, new_key):
    caller = api.with_key(new_key(rate_limit={"limit": 1, "per_seconds": 1})["key"])
    assert caller.call("GET", "/users").status_code == 200
    refused = caller.call("GET", "/users")
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    time.sleep(1.05)
    assert caller.call("GET", "/users").status_code == 200


def test_each_key_has_its_own_limit(api, new_key):
    limit = {"limit": 1, "per_seconds": 60}
    one, other = (api.with_key(new_key(rate_limit=limit)["key"]) for _ in range(2))
    assert one.call("GET", "/users").status_code == 200
    assert one.call("GET", "/users").status_code == 429
    assert other.call("GET", "/users").status_code == 200


def test_a_successor_counts_for_itself(api, as_ann, new_key):
    key = new_key(rate_limit={"limit": 1, "per_seconds": 60})
    successor = as_ann.call("POST", f"/api-keys/{key['id']}/rotate", {}).json()
    assert api.with_key(key["key"]).call("GET", "/users").status_code == 200
    assert api.with_key(successor["key"]).call("GET", "/users").status_code == 200


def test_a_changed_limit_holds_on_the_next_request(api, as_ann, new_key):
    key = new_key(rate_limit={"limit": 1, "per_seconds": 60})
    caller = api.with_key(key["key"])
    caller.call("GET", "/users")
    assert caller.call("GET", "/users").status_code == 429
    as_ann.call("PATCH", f"/api-keys/{key['id']}", {"rate_limit": {"limit": 9, "per_seconds": 60}})
    assert said(caller.call("GET", "/users"))[:2] == (9, 60)


def test_the_setting_is_the_default_and_an_operator_may_go_past_the_maximum(api, new_key, settings):
    key = new_key()
    caller = api.with_key(key["key"])
    settings.API_KEY_RATE_LIMIT = (20, 10)
    assert said(caller.call("GET", "/users"))[:2] == (20, 10)
    ApiKey.objects.update(rate_limit=1_000_000, rate_seconds=60)
    assert said(caller.call("GET", "/users"))[:2] == (1_000_000, 60)


@pytest.mark.parametrize(
    "given", ["abc", "0192", "01a21025-3709-7001-bec8-82c29488ff99", "{01a21025-3709-7001-bec8-82c29488}"]
)
def test_a_malformed_id_is_answered_and_counted_like_one_that_nothing_has(api, new_key, given):
    key = new_key()["key"]
    answer = api.with_key(key).call("GET", f"/users/{given}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["X-RateLimit-Remaining"] == "599"
    assert api.call("GET", f"/users/{given}").status_code == 401


def test_an_id_is_read_in_either_case(api, as_ann, new_key):
    key = new_key()
    assert as_ann.call("GET", f"/api-keys/{key['id'].upper()}").json()["id"] == key["id"]


def test_another_window_does_not_open_a_fresh_one(api, as_ann, new_key):
    key = new_key(rate_limit={"limit": 2, "per_seconds": 60})
    caller = api.with_key(key["key"])
    assert [caller.call("GET", "/users").status_code for _ in range(3)] == [200, 200, 429]
    as_ann.call("PATCH", f"/api-keys/{key['id']}", {"rate_limit": {"limit": 2, "per_seconds": 61}})
    assert caller.call("GET", "/users").status_code == 429


@pytest.mark.parametrize("limit", [(6001, 60), (101, 1), (8_640_000, 86_400), (6001, 61)])
def test_more_than_the_most_is_refused_on_the_whole_and_at_once(as_ann, faults_at, limit):
    """A day's calls may all come in its first minute."""
    answer = as_ann.call("POST", "/api-keys", {"rate_limit": dict(zip(("limit", "per_seconds"), limit, strict=True))})
    assert faults_at(answer) == [("#/rate_limit/limit", "max_value")]


def test_a_window_is_not_spent_twice_when_redis_goes_away_in_its_middle_and_comes_back(api, new_key, settings, lent):
    """Ten calls a minute over two processes: six by Redis, none of this one's share of five is left, and none comes."""
    settings.WORKERS = 2
    caller = api.with_key(new_key(rate_limit={"limit": 10, "per_seconds": 60})["key"])
    assert [caller.call("GET", "/users").status_code for _ in range(6)] == [200] * 6
    lent.gone = True
    assert caller.call("GET", "/users").status_code == 429
    lent.gone, lent.away = False, False
    answer = caller.call("GET", "/users")
    assert (answer.status_code, said(answer)[2]) == (429, 0)


def test_once_its_own_window_is_over_only_redis_counts(api, new_key, settings, lent):
    settings.WORKERS = 2
    caller = api.with_key(new_key(rate_limit={"limit": 10, "per_seconds": 60})["key"])
    lent.gone = True
    assert [caller.call("GET", "/users").status_code for _ in range(6)] == [200] * 5 + [429]
    lent.gone, lent.away = False, False
    lent._memory.reset()
    answer = caller.call("GET", "/users")
    assert (answer.status_code, said(answer)[2]) == (200, 9)
