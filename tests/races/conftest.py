"""Real workers for the races, and a crowd before their door."""

import pytest

from tests.live import shared
from tests.races.crowd import Crowd, capture


@pytest.fixture(scope="session", autouse=True)
def lines_of_progress(pytestconfig):
    """Let `progress` write past the capture."""
    capture[:] = [pytestconfig.pluginmanager.get_plugin("capturemanager")]


@pytest.fixture(scope="session")
def server():
    return shared()


@pytest.fixture(scope="module")
def crowd(server):
    crowd = Crowd(server)
    yield crowd
    crowd.close()


@pytest.fixture
def ann(server):
    """The e-mail of a developer with a fresh team."""
    return server.new_developer()


@pytest.fixture
def as_ann(server, ann):
    """A connection with her access token."""
    line = server.as_developer(ann)
    yield line
    line.close()


@pytest.fixture
def hers(as_ann):
    """The headers of her calls."""
    return as_ann.headers


@pytest.fixture
def new_key(as_ann):
    """new_key(**fields) → the answer to the creation of a key."""

    def new_key(**fields):
        answer = as_ann.call("POST", "/api-keys", {"environment": "test", **fields})
        assert answer.status == 201, answer
        return answer.json()

    return new_key
