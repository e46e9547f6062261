"""`X-Request-ID` on every response: the caller's own when it is a clean one, else a fresh one."""

import uuid

import pytest


@pytest.mark.parametrize("given", ["a", "trace-1.2_3", "x" * 64])
def test_it_keeps_the_id_that_the_caller_sent(api, given):
    response = api.call("GET", "/auth/me", HTTP_X_REQUEST_ID=given)
    assert response["X-Request-ID"] == given
    assert response.json()["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "a\n", "a;b", "é", "ok/../no"])
def test_it_makes_a_fresh_id_instead_of_an_unclean_one(api, given):
    response = api.call("GET", "/auth/me", HTTP_X_REQUEST_ID=given)
    assert response["X-Request-ID"] != given
    assert uuid.UUID(response["X-Request-ID"]).version == 7
    assert response.json()["request_id"] == response["X-Request-ID"]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/nothing", "/api/v1/auth/me", "/api/v1/auth/me/"])
def test_every_response_has_one(api, path):
    assert api.get(path)["X-Request-ID"]


def test_a_success_has_one_too(as_ann):
    assert as_ann.call("GET", "/auth/me", HTTP_X_REQUEST_ID="mine")["X-Request-ID"] == "mine"


def test_a_refusal_of_the_host_has_one_too(api):
    assert api.get("/api/v1/auth/me", HTTP_HOST="evil.example", HTTP_X_REQUEST_ID="mine")["X-Request-ID"] == "mine"


def test_it_makes_a_fresh_id_instead_of_most_of_a_key(api):
    """64 characters of a key are all of its secret."""
    given = "ow_live_" + "a" * 12 + "_" + "b" * 43
    assert api.call("GET", "/auth/me", HTTP_X_REQUEST_ID=given)["X-Request-ID"] != given
    assert api.call("GET", "/auth/me", HTTP_X_REQUEST_ID=given[:20])["X-Request-ID"] == given[:20]
