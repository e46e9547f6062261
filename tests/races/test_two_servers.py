"""Two servers over one PostgreSQL and one Redis: what one does, the other knows at its very next answer."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.conf import settings

from tests.live import PASSWORD, Server
from tests.races.crowd import progress, rounds

# SQLite and counters in memory serve one machine alone.
pytestmark = [
    pytest.mark.races,
    pytest.mark.skipif(
        not (os.environ.get("DATABASE_URL", "").startswith("postgres") and settings.REDIS_URL),
        reason="two servers need PostgreSQL and Redis",
    ),
]

SELF = ("GET", "/api-keys/self")


@pytest.fixture(scope="module")
def here():
    """The server at which things are done."""
    server = Server(workers=1, SERVERS="2").start()  # a worker holds up to 16 connections, PostgreSQL has 100
    yield server
    server.stop()


@pytest.fixture(scope="module")
def there(here):
    """The server beside it, behind the same proxy as it were."""
    server = Server(workers=1, beside=here).start()
    yield server
    server.stop()


@pytest.fixture
def server(here, there):
    """What `ann`, `as_ann` and `new_key` of this folder speak with."""
    return here


@pytest.fixture
def line_there(there):
    """A connection to the other server."""
    line = there.line()
    yield line
    line.close()


def test_a_key_made_here_opens_there_and_is_refused_there_once_it_is_revoked_here(as_ann, new_key, line_there):
    for number in range(rounds(10, 100)):
        key = new_key()
        carried = {"X-API-Key": key["key"]}
        assert line_there.call(*SELF, **carried).status == 200
        assert as_ann.call("DELETE", f"/api-keys/{key['id']}").status == 200
        assert line_there.call(*SELF, **carried).refuses_the_key, number
        if number % 100 == 99:
            progress(f"two servers: {number + 1} revocations, none too late")


def test_a_key_that_is_disabled_here_is_refused_there_and_good_again_once_it_is_enabled(as_ann, new_key, line_there):
    key = new_key()
    carried = {"X-API-Key": key["key"]}
    for enabled in (False, True, False):
        assert as_ann.call("PATCH", f"/api-keys/{key['id']}", {"enabled": enabled}).status == 200
        answer = line_there.call(*SELF, **carried)
        assert answer.status == 200 if enabled else answer.refuses_the_key, answer


def test_a_scope_that_is_taken_away_here_is_missing_there(as_ann, new_key, line_there):
    key = new_key()
    carried = {"X-API-Key": key["key"]}
    assert line_there.call("GET", "/users", **carried).status == 200
    assert as_ann.call("PATCH", f"/api-keys/{key['id']}", {"scopes": ["data:read"]}).status == 200
    assert line_there.call("GET", "/users", **carried).status == 403


def test_who_signs_out_here_is_signed_out_there(server, ann, line_there):
    for _ in range(rounds(5, 100)):
        tokens = server.sign_in(ann)
        hers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert line_there.call("GET", "/auth/me", **hers).status == 200
        line = server.line()
        assert line.call("POST", "/auth/logout", **hers).status == 200
        line.close()
        assert line_there.call("GET", "/auth/me", **hers).status == 401
        assert line_there.call("POST", "/token/refresh", {"refresh_token": tokens["refresh_token"]}).status == 401


def test_a_developer_who_is_disabled_by_command_is_out_on_both(server, ann, line_there):
    hers = {"Authorization": f"Bearer {server.sign_in(ann)['access_token']}"}
    disable = f"from accounts.models import Developer as D; D.objects.get(email={ann!r}).disable(by=None)"
    server.manage("shell", "-c", disable)
    assert line_there.call("GET", "/auth/me", **hers).status == 401
    assert line_there.call("POST", "/auth/login", {"username": ann, "password": PASSWORD}).status == 401


def test_a_refresh_token_that_was_used_here_has_its_one_successor_there(server, ann, line_there):
    line = server.line()
    first = server.sign_in(ann)["refresh_token"]
    second = line.call("POST", "/token/refresh", {"refresh_token": first}).json()["refresh_token"]
    again = line_there.call("POST", "/token/refresh", {"refresh_token": first})
    assert again.json()["refresh_token"] == second, "a lost answer, asked for again at the other server"
    third = line_there.call("POST", "/token/refresh", {"refresh_token": second})
    assert third.status == 200
    assert line.call("POST", "/token/refresh", {"refresh_token": first}).status == 401, "a replay"
    line.close()


def test_a_limit_is_exact_over_both(here, there, new_key):
    limit, each = 20, 50
    for _ in range(rounds(2, 20)):
        key = new_key(rate_limit={"limit": limit, "per_seconds": 3600})
        lines = [server.line(**{"X-API-Key": key["key"]}) for server in (here, there) for _ in range(5)]
        together = Barrier(len(lines), timeout=60)

        def call(line, together=together):
            together.wait()
            return [line.call(*SELF).status for _ in range(each // 5)]

        with ThreadPoolExecutor(len(lines)) as crowd:
            statuses = Counter(status for found in crowd.map(call, lines) for status in found)
        for line in lines:
            line.close()
        assert statuses == {200: limit, 429: 2 * each - limit}


def test_jobs_that_both_run_at_once_send_each_mail_once_and_seal_one_chain(here, there, ann):
    """Forty mails wait; both servers, twice each, run the jobs at the same moment."""
    letters = "[WaitingMail(recipient=f'r{n}@example.com', subject='Waits', body='x') for n in range(40)]"
    write = f"from accounts.models import WaitingMail\nWaitingMail.objects.bulk_create({letters})"
    here.manage("shell", "-c", write)
    with ThreadPoolExecutor(4) as both:
        runs = list(both.map(lambda server: server.manage("run_jobs"), [here, there, here, there]))
    # The tests before have left much to be alerted of, which the jobs mail to the developer.
    sent = Counter(line for run in runs for line in run.stderr.splitlines() if line.startswith("To: r"))
    assert sent == {f"To: r{number}@example.com": 1 for number in range(40)}
    assert here.sql("SELECT count(*) FROM accounts_waitingmail") == [(0,)]
    here.manage("seal_audit")
    assert "is whole" in there.manage("verify_audit").stdout
