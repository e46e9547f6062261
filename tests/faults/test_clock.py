"""A server whose clock jumps, ahead and back: what was taken away stays away, and nobody is called a thief.

The database's own clock stays right, as it would on another machine. libfaketime moves the server's; its monotonic
clock, by which time-outs and counters go, is never moved by anybody.
"""

from pathlib import Path

import pytest

from tests.faults.callers import until
from tests.faults.conftest import Ann
from tests.live import Server

# libfaketime 0.9.10 answers EINVAL to the call that time.sleep makes (clock_nanosleep with an absolute time).
SLEEP_BY_OTHER_MEANS = "import threading, time\ntime.sleep = lambda seconds: threading.Event().wait(seconds) and None\n"

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
HOUR = 3600


class Clocked(Server):
    """A server whose wall clock is what a file says."""

    def __init__(self, **setting):
        super().__init__(**setting)
        assert LIBRARY, "apt install faketime"
        self.clock = self.folder / "clock"
        self.go(0)
        (self.folder / "sitecustomize.py").write_text(SLEEP_BY_OTHER_MEANS)
        self.only_served = {
            "LD_PRELOAD": str(LIBRARY),
            "PYTHONPATH": str(self.folder),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",  # Python's import looks at the times of folders
        }

    def go(self, seconds: int):
        """Put the clock so far ahead of the true time; below 0, behind it."""
        draft = self.clock.with_suffix(".new")
        draft.write_text(f"{seconds:+d}s\n")
        draft.replace(self.clock)


@pytest.fixture(scope="module")
def clocked():
    server = Clocked().start()
    yield server
    server.stop()


@pytest.fixture
def server(clocked):
    clocked.go(0)
    yield clocked
    clocked.go(0)


@pytest.fixture
def ann(server):
    return Ann(server)


def status(server, method, path, body=None, **headers):
    line = server.line(**headers)
    answer = line.call(method, path, body)
    line.close()
    return answer.status


def refresh(server, token):
    line = server.line()
    answer = line.call("POST", "/token/refresh", {"refresh_token": token})
    line.close()
    return answer


def alarms(server):
    return server.sql("SELECT count(*) FROM accounts_session WHERE closed_reason = 'replay'")[0][0]


def test_the_clock_of_this_server_can_be_moved(server, ann):
    key = ann.new_key(expires_in=HOUR // 2)
    program = {"X-API-Key": key["key"]}
    assert status(server, "GET", "/users", **program) == 200
    server.go(HOUR)
    assert status(server, "GET", "/users", **program) == 401, "it expired"


@pytest.mark.parametrize("jump", [-30 * 24 * HOUR, -HOUR, -60, 60, HOUR, 30 * 24 * HOUR])
def test_nothing_that_was_taken_away_lives_again(server, ann, jump):
    revoked, disabled, compromised = ann.new_key(), ann.new_key(), ann.new_key()
    ann.call("DELETE", f"/api-keys/{revoked['id']}")
    ann.call("PATCH", f"/api-keys/{disabled['id']}", {"enabled": False})
    ann.call("POST", f"/api-keys/{compromised['id']}/rotate", {"compromised": True}, 201)
    out = server.sign_in(ann.email)
    hers = {"Authorization": f"Bearer {out['access_token']}"}
    assert status(server, "POST", "/auth/logout", **hers) == 200
    for moved in (jump, 0, jump):
        server.go(moved)
        for key in (revoked, disabled, compromised):
            assert status(server, "GET", "/users", **{"X-API-Key": key["key"]}) == 401
        assert status(server, "GET", "/auth/me", **hers) == 401
        assert refresh(server, out["refresh_token"]).status == 401
        assert status(server, "GET", "/users", **ann.program) == 200, "a good key without an end is good at any time"


def test_a_jump_ahead_is_no_replay(server, ann):
    before = alarms(server)
    tokens = [ann.tokens["refresh_token"]]
    for jump in (0, HOUR, 26 * HOUR, 27 * HOUR):
        server.go(jump)
        answer = refresh(server, tokens[-1])
        assert answer.status == 200, (jump, answer)
        tokens.append(answer.json()["refresh_token"])
    assert alarms(server) == before


@pytest.mark.parametrize("jump", [2, 60, HOUR, 26 * HOUR])
def test_a_jump_back_is_no_replay_and_the_session_goes_on_when_the_time_is_right_again(server, ann, jump):
    """Tokens "from the future" are refused, but for five seconds; they are not taken for stolen."""
    before = alarms(server)
    server.go(jump)
    signed_in = server.sign_in(ann.email)
    second = refresh(server, signed_in["refresh_token"]).json()
    server.go(0)
    hers = {"Authorization": f"Bearer {second['access_token']}"}
    forgiven = jump <= 5
    assert status(server, "GET", "/auth/me", **hers) == (200 if forgiven else 401)
    third = refresh(server, second["refresh_token"])
    assert third.status == (200 if forgiven else 401)
    assert alarms(server) == before
    again = server.sign_in(ann.email)
    assert status(server, "GET", "/auth/me", Authorization=f"Bearer {again['access_token']}") == 200
    server.go(jump)
    last = third.json() if forgiven else second
    assert refresh(server, last["refresh_token"]).status == 200
    assert alarms(server) == before


def test_an_answer_lost_before_a_jump_back_can_be_asked_for_again(server, ann):
    server.go(HOUR)
    first = server.sign_in(ann.email)["refresh_token"]
    server.go(HOUR + 10)
    second = refresh(server, first).json()["refresh_token"]
    server.go(HOUR + 7)
    assert refresh(server, first).json()["refresh_token"] == second


def test_counters_go_by_a_clock_that_nobody_moves(server, ann):
    key = ann.new_key(rate_limit={"limit": 3, "per_seconds": 3600})
    program = {"X-API-Key": key["key"]}
    assert [status(server, "GET", "/users", **program) for _ in range(4)] == [200, 200, 200, 429]
    for jump in (2 * HOUR, -2 * HOUR):
        server.go(jump)
        assert status(server, "GET", "/users", **program) == 429, jump


def test_the_audit_trail_stays_whole(server, ann):
    for jump in (HOUR, -HOUR, 0):
        server.go(jump)
        server.sign_in(ann.email)
        server.manage("seal_audit")
    until(lambda: "whole" in server.manage("verify_audit").stdout, 20)
