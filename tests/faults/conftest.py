"""Servers that may break, and who calls them."""

import os

import pytest

from tests.faults.callers import until
from tests.faults.fragile import FragileServer
from tests.live import Server

needs_postgresql = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres") or not os.environ.get("REDIS_URL"),
    reason="needs DATABASE_URL (PostgreSQL) and REDIS_URL",
)


def pytest_collection_modifyitems(items):
    """All of them break real parts, so all of them are marked; who asks for a fragile server needs the parts."""
    for item in items:
        if "faults" in item.path.parts:
            item.add_marker(pytest.mark.faults)
            if {"fragile", "new_fragile"} & set(item.fixturenames):
                item.add_marker(needs_postgresql)


@pytest.fixture(scope="module")
def fragile_server():
    """Two workers over PostgreSQL and Redis, each behind a proxy."""
    server = FragileServer(USAGE_FLUSH_SECONDS="1").start()
    yield server
    server.stop()


@pytest.fixture
def fragile(fragile_server):
    """The same, whole at the beginning of each test and at its end."""
    yield fragile_server
    fragile_server.mend()
    fragile_server.wait()
    until(lambda: all(fragile_server.get("/readyz").status == 200 for _ in range(10)), 10)  # every worker


@pytest.fixture
def new_fragile():
    """new_fragile(workers, **setting) → a server for one test alone, not started."""
    made = []

    def new_fragile(workers=1, **setting):
        made.append(FragileServer(workers, **setting))
        return made[-1]

    yield new_fragile
    for server in made:
        server.stop()


@pytest.fixture
def on_sqlite(monkeypatch):
    """on_sqlite(**setting) → a started server over SQLite, whatever the other tests use."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    made = []

    def on_sqlite(**setting):
        made.append(Server(**setting))
        return made[-1].start()

    yield on_sqlite
    for server in made:
        server.stop()


class Ann:
    """A developer with a team of her own, a key, and what carries each."""

    def __init__(self, server):
        self.server = server
        self.email = server.new_developer()
        self.tokens = server.sign_in(self.email)
        self.hers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        self.key = self.new_key()
        self.program = {"X-API-Key": self.key["key"]}

    def new_key(self, **fields):
        return self.call("POST", "/api-keys", {"environment": "test", **fields}, 201)

    def call(self, method, path, body=None, status=200):
        """One call of hers, with a new connection; its body."""
        line = self.server.line(**self.hers)
        answer = line.call(method, path, body)
        line.close()
        assert answer.status == status, answer
        return answer.json() if answer.body else None


@pytest.fixture
def ann(fragile):
    return Ann(fragile)
