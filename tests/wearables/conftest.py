"""What the tests of end users share."""

import pytest


@pytest.fixture
def live(api, new_key):
    """The API with a live key of Ann's team that may do everything."""
    return api.with_key(new_key()["key"])


@pytest.fixture
def test(api, new_key):
    """The API with a test key of Ann's team."""
    return api.with_key(new_key(environment="test")["key"])


@pytest.fixture
def bobs(api, as_bob):
    """The API with a live key of Bob's team."""
    return api.with_key(as_bob.call("POST", "/api-keys", {}).json()["key"])


@pytest.fixture
def person(live):
    """person(**fields) → an end user made with Ann's live key."""

    def person(caller=live, **fields):
        answer = caller.call("POST", "/users", fields)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return person
