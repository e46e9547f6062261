"""The main road over HTTP: a developer is made, signs in, makes a key, works with it, rotates it and revokes it."""

import json
import re
import signal

import pytest

from tests.live import PASSWORD

EMAIL = "ann@example.com"


class Road:
    """What was given out on the way: every secret with the place where it may be found, which is the one answer."""

    def __init__(self, server):
        self.server, self.line = server, server.line()
        self.secrets, self.answers = [PASSWORD], []

    def call(self, status, method, path, body=None, **headers):
        answer = self.line.call(method, path, body, **headers)
        assert answer.status == status, answer
        self.answers.append(answer.body.decode())
        found = answer.json() if answer.body else {}
        if isinstance(found, dict):
            self.secrets += [found[name] for name in ("key", "access_token", "refresh_token") if name in found]
        return found


@pytest.fixture(scope="module")
def road(server):
    road = Road(server)
    yield road
    road.line.close()


@pytest.fixture(scope="module")
def walked(server, road):
    """The road, walked to its end; the tests below look back on it."""
    made = server.manage(
        *("create_developer", "--email", EMAIL, "--password", "-", "--noinput", "--json"), text=PASSWORD + "\n"
    )
    assert json.loads(made.stdout)["email"] == EMAIL
    call = road.call

    # She signs in, and is who she is.
    pair = call(200, "POST", "/auth/login", {"username": EMAIL, "password": PASSWORD})
    hers = {"Authorization": f"Bearer {pair['access_token']}"}
    me = call(200, "GET", "/auth/me", **hers)
    assert (me["email"], me["teams"][0]["role"]) == (EMAIL, "owner")

    # She makes a key; her program works with it.
    old = call(201, "POST", "/api-keys", {"name": "Production server"}, **hers)
    program = {"X-Open-Wearables-API-Key": old["key"]}
    assert call(200, "GET", "/api-keys/self", **program)["id"] == old["id"]
    eve = call(201, "POST", "/users", {"first_name": "Eve", "email": "Eve@example.com"}, **program)
    assert call(200, "GET", f"/users/{eve['id']}", **program) == eve
    assert call(200, "GET", "/users?search=eve", **program)["items"] == [eve]
    assert call(409, "POST", "/users", {"email": "eve@EXAMPLE.com"}, **program)["code"] == "already_exists"
    assert call(403, "DELETE", f"/users/{eve['id']}", **program)["code"] == "developer_session_required"
    assert call(403, "GET", "/api-keys", **program)["code"] == "developer_session_required"

    # She rotates it: both are good for the overlap, the old one can't be rotated again.
    new = call(201, "POST", f"/api-keys/{old['id']}/rotate", {"overlap_seconds": 3600}, **hers)
    assert (new["rotated_from"], new["name"]) == (old["id"], old["name"])
    renewed = {"Authorization": f"Bearer {new['key']}"}
    assert call(200, "GET", "/users", **program) == call(200, "GET", "/users", **renewed)
    assert call(409, "POST", f"/api-keys/{old['id']}/rotate", {}, **hers)["successor"] == new["id"]

    # She revokes both; the very next call is refused.
    for key, carried in ((old, program), (new, renewed)):
        assert call(200, "DELETE", f"/api-keys/{key['id']}", **hers)["status"] == "revoked"
        assert call(401, "GET", "/users", **carried)["code"] == "invalid_api_key"
    assert call(200, "GET", "/api-keys", **hers) == []

    # She refreshes, and signs out everywhere.
    again = call(200, "POST", "/token/refresh", {"refresh_token": pair["refresh_token"]})
    hers = {"Authorization": f"Bearer {again['access_token']}"}
    assert call(200, "GET", f"/users/{eve['id']}", **hers)["first_name"] == "Eve"
    assert call(200, "POST", "/auth/logout-all", **hers)["ended"] == 1
    assert call(401, "GET", "/auth/me", **hers)["code"] == "invalid_token"
    assert call(401, "POST", "/token/refresh", {"refresh_token": again["refresh_token"]})["code"] == "refresh_rejected"

    # What people send by mistake: secrets where the log might see them.
    for path in (f"/users/{new['key']}", f"/users?search={new['key']}", f"/{again['access_token']}"):
        call(401 if path.startswith("/users") else 404, "GET", path)
    return road


def test_the_main_road_can_be_walked_to_its_end(walked):
    assert len(walked.secrets) == 1 + 2 * 2 + 2


def test_each_secret_stands_in_one_answer_and_nowhere_else(walked):
    for secret in walked.secrets[1:]:
        assert sum(secret in answer for answer in walked.answers) == 1


def test_the_log_and_the_mails_hold_no_secret(server, walked):
    told = server.logged()
    assert "api-keys" in told and "A new live API key" in told, "it did write"
    for secret in walked.secrets:
        assert secret not in told
        assert secret[-20:] not in told
    assert not re.search(r"ow_live_[0-9A-Za-z]{12}_[0-9A-Za-z]", told)


def test_the_database_holds_no_secret(server, walked):
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if server.postgres:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    kept = ""
    for (table,) in server.sql(tables):
        for row in server.sql(f'SELECT * FROM "{table}"'):
            kept += " ".join(
                bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value) for value in row
            )
    assert EMAIL in kept
    for secret in walked.secrets:
        assert secret not in kept
        assert secret[-20:] not in kept


def test_every_act_was_audited_once_and_the_chain_verifies(server, walked):
    acts = [row[0] for row in server.sql("SELECT action FROM accounts_auditevent ORDER BY at, id")]
    for act, times in {
        "developer.created": 1,
        "session.opened": 1,
        "api_key.issued": 1,
        "user.created": 1,
        "api_key.rotated": 1,
        "api_key.revoked": 2,
        "session.all_closed": 1,
    }.items():
        assert acts.count(act) == times, act
    server.manage("seal_audit")
    server.manage("verify_audit")


def test_term_ends_the_server_in_order(server, walked):
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    assert "Traceback" not in server.logged()
