"""Redis down or hung: nobody notices, but that each process then holds limits by itself, at its share."""

import time

import pytest

from tests.faults.callers import Callers, amount, slowest, statuses, until
from tests.faults.fragile import Browser
from tests.faults.test_database_away import once
from tests.live import PASSWORD

ADDED = 0.2  # seconds that the first caller may lose, in each worker
BACK_WITHIN = 2.0  # seconds until limits are shared again

both_ways = pytest.mark.parametrize("away", ["down", "hung"])


def usual(server, call, of=15):
    """The slowest of some calls while all is well."""
    return max(once(server, *call).seconds for _ in range(of))


@both_ways
def test_no_door_answers_5xx_and_the_time_is_lost_once(fragile, ann, away):
    calls = [
        ("GET", "/users", None, ann.program),
        ("POST", "/users", {"first_name": "Eve"}, ann.program),
        ("GET", "/auth/me", None, ann.hers),
        ("POST", "/auth/login", {"username": ann.email, "password": PASSWORD}, {}),
        ("POST", "/auth/login", {"username": ann.email, "password": "not her password"}, {}),
        ("GET", "/users", None, {"X-API-Key": "ow_live_nonsense"}),
    ]
    browser = Browser(fragile, ann.email)
    well = max(usual(fragile, call) for call in calls[:3])
    getattr(fragile.redis_way, away)()
    seen = [once(fragile, *call) for _ in range(amount(5, 50)) for call in calls]
    assert set(statuses(seen)) == {200, 201, 401}
    quick = [one for one in seen if one.status != 401 and b"access_token" not in one.answer.body]  # no password hashed
    late = [one for one in quick if one.seconds > well + 0.1]
    print(f"{away}: {statuses(seen)}, usually {well:.3f} s, then {sorted(round(one.seconds, 3) for one in late)}")
    assert slowest(quick) < well + ADDED + 0.1
    assert len(late) <= fragile.workers + len(quick) // 20, "once in each worker"
    assert browser.get("/keys/").status_code == 200
    fragile.redis_way.up()
    until(lambda: "ratelimit" in once(fragile, *calls[0]).answer.headers, BACK_WITHIN)


@both_ways
def test_fifty_callers_see_no_5xx_when_it_goes_and_when_it_comes(fragile, ann, away):
    with Callers(fragile, (50, ("GET", "/users", None, ann.program)), rest=0.2) as callers:
        for _ in range(amount(1, 5)):
            time.sleep(1.5)
            getattr(fragile.redis_way, away)()
            time.sleep(2)
            fragile.redis_way.up()
    print(f"{away}: {statuses(callers.seen)}, slowest {slowest(callers.seen):.2f} s")
    assert set(statuses(callers.seen)) == {200}


@both_ways
def test_a_limit_is_held_by_each_process_at_its_share_and_not_told(fragile, ann, away):
    """Forty in an hour over two processes are twenty each, however the calls fall."""
    key = ann.new_key(rate_limit={"limit": 40, "per_seconds": 3600})
    program = {"X-API-Key": key["key"]}
    lines = fragile.a_line_to_each_worker()

    def told():
        return ["ratelimit" in line.call("GET", "/api-keys/self", **ann.program).headers for line in lines]

    until(lambda: all(told()), BACK_WITHIN)
    getattr(fragile.redis_way, away)()
    until(lambda: not any(told()), 2)
    answers = [line.call("GET", "/users", **program) for line in lines for _ in range(40)]
    passed = [answer for answer in answers if answer.status == 200]
    assert {answer.status for answer in answers} == {200, 429}
    assert len(passed) == 40
    for answer in answers:
        assert not [name for name in answer.headers if "ratelimit" in name]
        assert answer.status == 200 or int(answer.headers["retry-after"]) > 0
    for line in lines:
        line.close()


@both_ways
def test_a_revocation_needs_no_redis(fragile, ann, away):
    getattr(fragile.redis_way, away)()
    lines = fragile.a_line_to_each_worker()
    for _ in range(amount(3, 50)):
        key = ann.new_key()
        assert [line.call("GET", "/users", **{"X-API-Key": key["key"]}).status for line in lines] == [200, 200]
        ann.call("DELETE", f"/api-keys/{key['id']}")
        assert [line.call("GET", "/users", **{"X-API-Key": key["key"]}).status for line in lines] == [401, 401]
    for line in lines:
        line.close()


@both_ways
def test_a_server_starts_while_redis_is_away_and_counts_guesses(new_fragile, away):
    server = new_fragile(LOGIN_RATE_LIMIT="5/900,100/900,100/86400")
    getattr(server.redis_way, away)()
    server.start()
    email = server.new_developer()
    right = ("POST", "/auth/login", {"username": email, "password": PASSWORD}, {})
    wrong = ("POST", "/auth/login", {"username": email, "password": "not the password"}, {})
    assert once(server, *right).status == 200
    assert [once(server, *wrong).status for _ in range(6)] == [401] * 4 + [429] * 2
