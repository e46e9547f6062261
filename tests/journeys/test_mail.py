"""Mail from a real server: it leaves after the answer, and outlives the process that should have sent it."""

import os
import signal
import socket
import time

import pytest

from tests.live import Server

SUBJECT = "Subject: A new live API key"


@pytest.fixture
def silent_mail_server():
    """host:port of a mail server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def serve():
    """serve(**settings) → a server of its own."""
    started = []

    def serve(**setting):
        started.append(Server(**setting).start())
        return started[-1]

    yield serve
    for server in started:
        server.stop()


def waiting(server):
    return server.sql("SELECT recipient, attempts FROM accounts_waitingmail")


def until(true, seconds=10.0):
    ends = time.monotonic() + seconds
    while not true() and time.monotonic() < ends:
        time.sleep(0.05)
    return true()


def make_live_key(server):
    """Somebody's new live key, of which they are told."""
    email = server.new_developer()
    line = server.as_developer(email)
    started = time.monotonic()
    assert line.call("POST", "/api-keys", {"environment": "live"}).status == 201
    line.close()
    return email, time.monotonic() - started


def test_a_mail_is_sent_at_once_and_waits_no_more(serve):
    server = serve()
    email, _ = make_live_key(server)
    assert until(lambda: SUBJECT in server.logged() and f"To: {email}" in server.logged())
    assert until(lambda: waiting(server) == [])


def test_a_mail_server_that_hangs_slows_no_answer_and_a_killed_process_loses_no_mail(serve, silent_mail_server):
    server = serve(EMAIL_URL=f"smtp://{silent_mail_server}")
    email, seconds = make_live_key(server)
    assert seconds < 5, "the mail server says nothing for 10 seconds"
    assert until(lambda: waiting(server) == [(email, 1)]), "its sender holds on"
    for pid in server.pids():
        os.kill(pid, signal.SIGKILL)
    assert waiting(server) == [(email, 1)]

    # Ten minutes later, when nobody can be at it any more, and the mail server is another.
    server.sql("UPDATE accounts_waitingmail SET next_attempt_at = created_at")
    server.env["EMAIL_URL"] = "consolemail://"
    said = server.manage("run_jobs", "--only", "send_mail").stderr
    assert (said.count(SUBJECT), said.count(f"To: {email}")) == (1, 1)
    assert waiting(server) == []
