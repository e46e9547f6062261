"""A real server for real clients."""

import pytest

from tests.live import PASSWORD, shared


@pytest.fixture(scope="session")
def server():
    return shared()


@pytest.fixture
def ann(server):
    """The e-mail of a developer with a fresh team."""
    return server.new_developer()


@pytest.fixture
def password():
    return PASSWORD


@pytest.fixture
def base(server):
    """Where the API is."""
    return f"{server.url}/api/v1"


@pytest.fixture
def key(server, ann):
    """A whole key of Ann's."""
    line = server.as_developer(ann)
    answer = line.call("POST", "/api-keys", {"environment": "test"})
    line.close()
    assert answer.status == 201, answer
    return answer.json()["key"]
