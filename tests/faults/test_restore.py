"""The drill of docs/operations.md, "Restore": a backup is made, life goes on, the database is lost and comes back."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from tests.faults.conftest import Ann
from tests.live import Server


def pg(tool, server, *words):
    """Run PostgreSQL's own tool on the server's database."""
    parts = urlsplit(server.env["DATABASE_URL"])
    where = ["--host", parts.hostname, "--port", str(parts.port), "--username", parts.username]
    done = subprocess.run([tool, *where, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


class OnPostgreSQL:
    """pg_dump while it serves, and pg_restore into an empty database."""

    def back_up(self, server):
        pg("pg_dump", server, "--format=custom", "--file", server.folder / "backup", server.database)

    def lose_and_restore(self, server):
        server.in_postgres(f'DROP DATABASE "{server.database}" WITH (FORCE)')
        server.in_postgres(f'CREATE DATABASE "{server.database}"')
        pg("pg_restore", server, "--exit-on-error", "--dbname", server.database, server.folder / "backup")


class OnSQLite:
    """VACUUM INTO while it serves, and a copy back, without the journal of the lost file."""

    def back_up(self, server):
        with server.connect() as connection:
            connection.execute(f"VACUUM INTO '{server.folder / 'backup'}'")

    def lose_and_restore(self, server):
        for leftover in server.folder.glob("db.sqlite3*"):
            leftover.unlink()
        shutil.copy(server.folder / "backup", server.folder / "db.sqlite3")


@pytest.fixture(params=[OnPostgreSQL, OnSQLite], ids=["PostgreSQL", "SQLite"])
def way(request, monkeypatch):
    if request.param is OnSQLite:
        monkeypatch.delenv("DATABASE_URL", raising=False)
    elif not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        pytest.skip("needs DATABASE_URL (PostgreSQL)")
    return request.param()


@pytest.fixture
def server(way):
    server = Server().start()
    yield server
    server.stop()


def status(server, path, **headers):
    return server.get(f"/api/v1{path}", **headers).status


def test_what_a_backup_brings_back_opens_nothing_that_is_in_doubt(server, way):
    ann = Ann(server)
    recent, kept = ann.new_key(name="Made before, revoked after the backup"), ann.key
    user = ann.call("POST", "/users?environment=test", {"first_name": "Eve"}, 201)
    server.sql(
        "UPDATE apikeys_apikey SET updated_at = %s WHERE id = %s",
        "2026-01-01 00:00:00+00" if server.postgres else "2026-01-01 00:00:00",
        server.key_of(kept["id"]),
    )
    sure_until = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    way.back_up(server)

    # Life goes on: what is signed out and revoked now, no backup knows.
    ann.call("DELETE", f"/api-keys/{recent['id']}")
    assert ann.call("POST", "/auth/logout") == {"message": "Successfully logged out"}
    assert status(server, "/auth/me", **ann.hers) == 401

    # The database is lost. Without the command, what was taken away is back.
    server.end()
    way.lose_and_restore(server)
    assert server.sql("SELECT count(*) FROM accounts_session WHERE closed_at IS NULL") == [(1,)]
    assert server.sql("SELECT revoked_at FROM apikeys_apikey WHERE id = %s", server.key_of(recent["id"])) == [(None,)]

    # As docs/operations.md says it.
    server.manage("migrate", "--noinput", "--verbosity", "0")
    since = sure_until.isoformat()
    done = json.loads(server.manage("after_restore", "--since", since, "--noinput", "--json").stdout)
    assert done["ended_sessions"] == 1
    assert [key["id"] for key in done["disabled_keys"]] == [recent["id"]]
    again = json.loads(server.manage("after_restore", "--since", since, "--noinput", "--json").stdout)
    assert (again["ended_sessions"], again["disabled_keys"]) == (0, [])
    server.manage("seal_audit")
    assert "whole" in server.manage("verify_audit").stdout.lower()

    server.start(migrate=False)
    assert status(server, "/auth/me", **ann.hers) == 401
    line = server.line()
    answer = line.call("POST", "/token/refresh", {"refresh_token": ann.tokens["refresh_token"]})
    line.close()
    assert answer.status == 401
    assert status(server, "/users", **{"X-API-Key": recent["key"]}) == 401
    assert status(server, f"/users/{user['id']}", **{"X-API-Key": kept["key"]}) == 200
    hers = server.as_developer(ann.email)
    assert hers.call("PATCH", f"/api-keys/{recent['id']}", {"enabled": True}).status == 200
    hers.close()
    assert status(server, "/users", **{"X-API-Key": recent["key"]}) == 200
