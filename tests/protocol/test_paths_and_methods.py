"""Paths without a slash at the end, methods that are not there, and `Accept`."""

import uuid

import pytest

PROBLEM = "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/auth/me", "/api/", "/api/v1/auth//me", "/api/v1/%00%ff"])
def test_an_unknown_path_is_404_in_json(api, path):
    response = api.get(path)
    assert response.status_code == 404
    assert response["Content-Type"] == PROBLEM
    assert response.json()["code"] == "not_found"


def test_a_malformed_an_unknown_and_a_foreign_id_get_the_same_404(as_ann, as_bob):
    foreign = as_bob.call("GET", "/auth/sessions").json()[0]["id"]
    answers = [as_ann.call("DELETE", f"/auth/sessions/{given}") for given in ("not-an-id", uuid.uuid4(), foreign)]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert as_bob.call("GET", "/auth/me").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_slash_at_the_end_is_404_that_names_the_right_path(as_ann, method):
    response = as_ann.call(method, "/auth/me/")
    assert response.status_code == 404
    assert "/api/v1/auth/me." in response.json()["detail"]
    assert "Location" not in response
    assert as_ann.call("GET", "/auth/me").status_code == 200


def test_the_404_of_a_slash_repeats_no_secret(api):
    response = api.get("/api/v1/eyJhbGciOi.eyJzdWIi.c2ln/")
    assert "eyJhbGciOi" not in response.content.decode()


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        ("/auth/login", "GET", "POST"),
        ("/auth/login", "HEAD", "POST"),
        ("/auth/me", "POST", "GET, PATCH, DELETE, HEAD"),
        ("/auth/me", "OPTIONS", "GET, PATCH, HEAD"),
        ("/auth/sessions", "PUT", "GET, HEAD"),
        ("/auth/sessions", "TRACE", "GET, HEAD"),
        ("/auth/sessions", "BREW", "GET, HEAD"),
        ("/openapi.json", "POST", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_there_is_405_with_allow(as_ann, path, method, allow):
    response = as_ann.call(method, path)
    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) >= set(allow.split(", "))
    assert method not in response["Allow"].split(", ")
    assert response["Content-Type"] == PROBLEM
    if method != "HEAD":
        assert response.json()["code"] == "method_not_allowed"


def test_head_answers_as_get_without_a_body(as_ann):
    response = as_ann.call("HEAD", "/auth/me")
    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "", "not a type", "application/json;q=0"])
def test_accept_never_causes_a_406(as_ann, api, accept):
    good = as_ann.call("GET", "/auth/me", HTTP_ACCEPT=accept)
    assert (good.status_code, good["Content-Type"]) == (200, "application/json")
    bad = api.call("GET", "/auth/me", HTTP_ACCEPT=accept)
    assert (bad.status_code, bad["Content-Type"]) == (401, PROBLEM)


def test_an_authenticated_answer_is_never_stored(as_ann):
    assert as_ann.call("GET", "/auth/me")["Cache-Control"] == "no-store"
    assert as_ann.call("GET", "/nothing")["Cache-Control"] == "no-store"


def test_times_are_utc_with_z(as_ann):
    assert as_ann.call("GET", "/auth/me").json()["created_at"].endswith("Z")


def test_ids_are_uuids_of_version_7(as_ann):
    assert uuid.UUID(as_ann.call("GET", "/auth/me").json()["id"]).version == 7
