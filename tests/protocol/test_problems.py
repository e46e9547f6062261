"""Every refusal in one shape, RFC 9457, whoever makes it: a view, Django, a middleware, the database."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404
from rest_framework import exceptions

from apikeys.plain_http import PlainHttpMiddleware
from protocol.endpoint import Endpoint

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def problem(response, status, code):
    """The problem's members, once its shape is right."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert set(body) >= MEMBERS
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"http://127.0.0.1:8000/docs/errors#{code}"
    assert body["request_id"] == response["X-Request-ID"]
    assert body["title"]
    assert body["detail"]
    return body


def test_a_401_says_how_to_authenticate(api):
    response = api.call("GET", "/auth/me")
    assert set(problem(response, 401, "not_authenticated")) == MEMBERS
    assert response["WWW-Authenticate"] == 'Bearer realm="open-wearables"'


def test_a_bad_token_is_the_one_401_worth_a_refresh(api, db):
    response = api.with_token("a.b.c").call("GET", "/auth/me")
    problem(response, 401, "invalid_token")
    assert response["WWW-Authenticate"] == 'Bearer realm="open-wearables", error="invalid_token"'


def test_an_oauth_endpoint_adds_the_members_of_rfc_6749(api, db):
    body = problem(api.call("POST", "/auth/login", {"username": "a", "password": "b"}), 401, "invalid_credentials")
    assert body["error"] == "invalid_grant"
    assert body["error_description"] == body["detail"]


def test_no_other_endpoint_adds_them(api):
    assert "error" not in problem(api.call("GET", "/auth/me"), 401, "not_authenticated")


def test_a_422_with_one_fault_says_it_in_its_detail(as_ann):
    body = problem(as_ann.call("PATCH", "/auth/me", {"nick": 1}), 422, "validation_error")
    assert body["detail"] == "nick: This field is not known here."
    two = problem(as_ann.call("PATCH", "/auth/me", {"nick": 1, "age": 2}), 422, "validation_error")
    assert two["detail"] == "Something in the request is not right: see errors."


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000@evil", "a b", "", "[::1"])
def test_a_host_that_is_not_ours_is_400(api, host):
    problem(api.get("/api/v1/auth/me", HTTP_HOST=host), 400, "bad_request")


def test_more_query_fields_than_django_counts_are_a_query_like_any_other(api, as_ann, caplog):
    """A wrong query is 422 and never 400; who sends no credential is told that alone; neither is an error of ours."""
    query = "&".join(f"p{n}=1" for n in range(1001))
    problem(api.call("GET", f"/auth/me?{query}"), 401, "not_authenticated")
    for caller, path in ((as_ann, "/auth/me"), (as_ann, "/users"), (api, "/openapi.json")):
        body = problem(caller.call("GET", f"{path}?{query}"), 422, "validation_error")
        assert "Too many" in body["errors"][0]["detail"]
    problem(api.call("POST", f"/auth/login?{query}", {}), 422, "validation_error")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_a_database_that_is_away_is_503(as_ann, monkeypatch, error):
    def away(*args):
        raise error("connection refused: password=hunter2")

    monkeypatch.setattr("accounts.authentication.fetch_row", away)
    response = as_ann.call("GET", "/auth/me")
    body = problem(response, 503, "service_unavailable")
    assert response["Retry-After"].isdigit()
    assert "hunter2" not in str(body)


def test_a_database_that_is_away_at_sign_in_is_503_without_oauth_members(api, ann, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(type(ann).objects, "filter", away)
    response = api.call("POST", "/auth/login", {"username": ann.email, "password": "x"})
    assert "error" not in problem(response, 503, "service_unavailable")
    assert response["Retry-After"]


def test_a_database_that_is_away_in_a_middleware_is_503_too(api, monkeypatch):
    def away(self, request):
        raise OperationalError("gone")

    monkeypatch.setattr(PlainHttpMiddleware, "__call__", away)
    response = api.call("GET", "/auth/me")
    problem(response, 503, "service_unavailable")
    assert response["Retry-After"].isdigit()


@pytest.mark.parametrize("error", [RuntimeError, ValueError, KeyError, RecursionError])
def test_a_bug_in_a_view_is_500_in_json_without_its_secrets(as_ann, monkeypatch, error):
    def broken(*args):
        raise error("secret inside")

    monkeypatch.setattr(Endpoint, "validate", broken)
    response = as_ann.call("GET", "/auth/me", HTTP_X_REQUEST_ID="find-me")
    assert problem(response, 500, "server_error")["request_id"] == "find-me"
    assert b"secret inside" not in response.content


def test_a_bug_in_a_middleware_is_500_in_json(api, monkeypatch):
    def broken(self, request):
        raise RuntimeError("bug")

    monkeypatch.setattr(PlainHttpMiddleware, "__call__", broken)
    problem(api.call("GET", "/auth/me"), 500, "server_error")


def test_the_schema_speaks_problems_too(api, db):
    assert api.call("GET", "/openapi.json").status_code == 200
    problem(api.call("POST", "/openapi.json"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.UnsupportedMediaType("x"), 415, "unsupported_media_type"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.PermissionDenied(), 403, "forbidden_role"),
        (PermissionDenied(), 403, "forbidden_role"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_django_and_drf_raise_themselves_has_the_same_shape(as_ann, monkeypatch, error, status, code):
    def refuse(*args):
        raise error

    monkeypatch.setattr(Endpoint, "validate", refuse)
    problem(as_ann.call("GET", "/auth/me"), status, code)
