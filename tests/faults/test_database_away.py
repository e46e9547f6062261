"""PostgreSQL down or hung: 503 at every door within two seconds, and back as soon as it is back."""

import time

import pytest

from tests.faults.callers import Callers, amount, slowest, statuses, timed, until
from tests.faults.fragile import Browser
from tests.live import PASSWORD

WITHIN = 2.0  # seconds: to a 503 in an outage, and to a 200 after it
CALLERS = 50

both_ways = pytest.mark.parametrize("away", ["down", "hung"])


def calls_of(ann):
    """One call of each kind: by key, by developer, without any credential; a read and a write of each."""
    return [
        ("GET", "/users", None, ann.program),
        ("POST", "/users", {"first_name": "Eve"}, ann.program),
        ("GET", "/auth/me", None, ann.hers),
        ("POST", "/api-keys", {}, ann.hers),
        ("POST", "/auth/login", {"username": ann.email, "password": PASSWORD}, {}),
        ("POST", "/token/refresh", {"refresh_token": ann.tokens["refresh_token"]}, {}),
        ("POST", "/token/revoke", {"token": ann.tokens["refresh_token"]}, {}),
    ]


def once(server, method, path, body, headers):
    line = server.line(**headers)
    try:
        return timed(lambda: line.call(method, path, body))
    finally:
        line.close()


def is_away(seen):
    """Whether an answer is the problem details of a service that is away, in time."""
    answer = seen.answer
    return (
        seen.status == 503
        and answer.headers["content-type"] == "application/problem+json"
        and answer.code == "service_unavailable"
        and int(answer.headers["retry-after"]) >= 1
        and seen.seconds < WITHIN
    )


def is_back(server, ann):
    """Seconds until every worker answers again; it takes ten good answers in a row to meet them all."""

    def all_answer():
        return all(once(server, "GET", "/users", None, ann.program).status == 200 for _ in range(10))

    return until(all_answer, WITHIN)


@both_ways
def test_every_door_answers_503_in_time_and_opens_again_without_a_restart(fragile, ann, away):
    workers = fragile.pids()
    getattr(fragile.database_way, away)()
    for call in calls_of(ann):
        time.sleep(0.6)  # long enough for the next caller to be one who asks
        seen = once(fragile, *call)
        assert is_away(seen), (call[:2], seen)
    fragile.database_way.up()
    print(f"{away}: back after {is_back(fragile, ann):.2f} s")
    for call in calls_of(ann):
        assert once(fragile, *call).status in (200, 201, 204)
    assert fragile.pids() == workers


@both_ways
def test_pages_say_that_they_are_back_in_a_moment(fragile, ann, away):
    browser, stranger = Browser(fragile, ann.email), Browser(fragile)
    stranger.get("/sign-in/")
    csrf = stranger.session.cookies["ow_csrf"]
    getattr(fragile.database_way, away)()
    for act in (
        lambda: browser.get("/keys/"),
        lambda: browser.get("/profile/"),
        lambda: browser.get("/admin/"),
        lambda: stranger.post("/sign-in/", login=ann.email, password=PASSWORD, csrfmiddlewaretoken=csrf),
    ):
        time.sleep(0.6)
        began = time.monotonic()
        page = act()
        assert page.status_code == 503, page.text[:500]
        assert time.monotonic() - began < WITHIN
        assert page.headers["Retry-After"] and "We are back in a moment" in page.text
        assert "Traceback" not in page.text
    fragile.database_way.up()
    is_back(fragile, ann)
    assert browser.get("/keys/").status_code == 200
    page = stranger.post("/sign-in/", login=ann.email, password=PASSWORD, csrfmiddlewaretoken=csrf)
    assert page.url.endswith("/keys/"), page.url


@both_ways
def test_the_process_lives_and_is_not_ready(fragile, away):
    assert fragile.get("/readyz").status == 200
    getattr(fragile.database_way, away)()
    for _ in range(3):
        alive, ready = timed(lambda: fragile.get("/healthz")), timed(lambda: fragile.get("/readyz"))
        assert (alive.status, ready.status) == (200, 503)
        assert alive.seconds < 0.5 and ready.seconds < WITHIN
        assert ready.answer.json()["checks"]["database"] is False
    fragile.database_way.up()
    until(lambda: fragile.get("/readyz").status == 200, WITHIN)


@both_ways
def test_nobody_queues_behind_those_who_wait(fragile, ann, away):
    """Fifty callers on thirty-two threads: whoever found a thread waits out the time-out, the rest are told at once."""
    with Callers(fragile, (CALLERS, ("GET", "/users", None, ann.program)), rest=0.1) as callers:
        time.sleep(1)
        began = time.monotonic()
        getattr(fragile.database_way, away)()
        time.sleep(amount(5, 30))
        ended = time.monotonic()
        fragile.database_way.up()
        time.sleep(WITHIN)
        back = time.monotonic()
        time.sleep(1)
    outage, after = callers.since(began, ended), callers.since(back)
    told = callers.since(began + WITHIN, ended - WITHIN)
    print(f"{away}: {statuses(outage)}, slowest {slowest(outage):.2f} s; once it was known: {slowest(told):.2f} s")
    assert set(statuses(outage)) <= {200, 503} and set(statuses(told)) == {503}
    assert slowest(outage) < WITHIN
    assert len(told) > CALLERS * 2, "most are refused at once"
    assert sum(one.seconds > 0.5 for one in told) <= len(told) / 20, "one at a time finds out, the others are told"
    assert set(statuses(after)) == {200}
    assert set(statuses(callers.seen)) <= {200, 503}


@both_ways
def test_a_server_and_a_worker_start_while_the_database_is_away_and_serve_when_it_is_there(new_fragile, away):
    server = new_fragile()
    server.manage("migrate", "--noinput", "--verbosity", "0")
    getattr(server.database_way, away)()
    server.start(migrate=False)
    assert server.get("/readyz").status == 503
    server.database_way.up()
    until(lambda: server.get("/readyz").status == 200, WITHIN)
    [pid] = server.pids()
    getattr(server.database_way, away)()
    server.kill(pid)
    until(lambda: server.pids() not in ([], [pid]), 20)
    server.wait()
    server.database_way.up()
    until(lambda: server.get("/readyz").status == 200, WITHIN)


def test_who_tried_to_sign_in_during_an_outage_is_no_guesser(new_fragile):
    server = new_fragile(LOGIN_RATE_LIMIT="3/900,100/900,100/86400").start()
    email = server.new_developer()
    sign_in = ("POST", "/auth/login", {"username": email, "password": PASSWORD}, {})
    for _ in range(3):
        server.database_way.down()
        assert is_away(once(server, *sign_in))
        server.database_way.hung()
        assert is_away(once(server, *sign_in))
    server.database_way.up()
    until(lambda: once(server, *sign_in).status == 200, WITHIN)


def test_a_connection_that_went_stale_costs_nobody_an_answer(fragile, ann):
    """PostgreSQL restarts, or a firewall forgets idle connections: the next request takes a new one."""
    lines = fragile.a_line_to_each_worker()
    browser = Browser(fragile, ann.email)
    for call in (
        ("GET", "/users", None, ann.program),
        ("GET", "/auth/me", None, ann.hers),
        ("POST", "/users?environment=test", {"first_name": "Eve"}, ann.hers),
    ) * amount(3, 20):
        method, path, body, headers = call
        fragile.database_way.cut()
        assert {line.call(method, path, body, **headers).status for line in lines} <= {200, 201}, call
        fragile.database_way.cut()
        assert browser.get("/keys/").status_code == 200
    for line in lines:
        line.close()


def test_a_connection_that_is_cut_under_load_costs_only_those_who_were_asking(fragile, ann):
    cuts, callers = amount(4, 40), 8
    with Callers(fragile, (callers, ("GET", "/users", None, ann.program)), rest=0.05) as calling:
        for _ in range(cuts):
            time.sleep(0.5)
            fragile.database_way.cut()
        time.sleep(0.5)
    print(statuses(calling.seen))
    assert set(statuses(calling.seen)) <= {200, 503}
    assert statuses(calling.seen)[503] <= cuts * callers
