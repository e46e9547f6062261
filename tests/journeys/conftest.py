"""A real server for the whole road."""

import pytest

from tests.live import Server


@pytest.fixture(scope="module")
def server():
    """A server of its own, so that its log and its database hold this journey and nothing else."""
    server = Server().start()
    yield server
    server.stop()
