"""Other origins: none by default, exact ones when named, `/api/` only, errors included, never for keys."""

import pytest

from tests.accounts.conftest import PASSWORD

APP = "https://app.example.com"


@pytest.fixture
def named(settings):
    settings.CORS_ALLOWED_ORIGINS = [APP]
    settings.CORS_ALLOW_CREDENTIALS = True


def preflight(api, origin=APP, headers="authorization, content-type", method="POST", path="/api/v1/auth/login"):
    return api.generic(
        "OPTIONS",
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=method,
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS=headers,
    )


def test_by_default_no_origin_is_allowed(api, ann):
    response = api.call("GET", "/auth/me", HTTP_ORIGIN=APP)
    assert "Access-Control-Allow-Origin" not in response
    assert "Access-Control-Allow-Origin" not in preflight(api)


def test_a_named_origin_passes_the_preflight(api, named):
    response = preflight(api)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == APP
    assert response["Access-Control-Allow-Credentials"] == "true"
    allowed = {name.strip() for name in response["Access-Control-Allow-Headers"].lower().split(",")}
    assert {"authorization", "content-type"} <= allowed
    assert not {"x-api-key", "x-open-wearables-api-key", "*"} & allowed
    assert {"PATCH", "DELETE"} <= {name.strip() for name in response["Access-Control-Allow-Methods"].split(",")}
    assert "origin" in response["Vary"].lower()


def test_a_preflight_has_no_body_and_so_no_type_and_is_not_kept(api, named):
    for origin in (APP, "https://evil.example"):
        response = preflight(api, origin)
        assert (response.status_code, response.content) == (200, b"")
        assert "Content-Type" not in response
        assert response["Cache-Control"] == "no-store"
        assert response["X-Request-ID"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", APP + ".evil.example", APP + ":444", "http://app.example.com", "null", "", "http://["],
)
def test_another_origin_is_allowed_nothing(api, named, origin):
    for response in (preflight(api, origin), api.call("GET", "/auth/me", HTTP_ORIGIN=origin)):
        assert "Access-Control-Allow-Origin" not in response
        assert response.status_code < 500


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/auth/me", 401), ("POST", "/auth/login", 422), ("GET", "/nothing", 404), ("PUT", "/auth/me", 405)],
)
def test_errors_can_be_read_by_a_named_origin(api, db, named, method, path, status):
    response = api.call(method, path, HTTP_ORIGIN=APP)
    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == APP
    assert response["Access-Control-Allow-Credentials"] == "true"


def test_it_may_read_the_headers_that_matter(api, named, db):
    exposed = api.call("GET", "/auth/me", HTTP_ORIGIN=APP)["Access-Control-Expose-Headers"].lower()
    assert {"x-request-id", "retry-after", "www-authenticate", "link"} <= {n.strip() for n in exposed.split(",")}


def test_a_page_of_a_named_origin_signs_in_and_refreshes_by_cookie(api, ann, named):
    body = {"username": ann.email, "password": PASSWORD, "delivery": "cookie"}
    response = api.call("POST", "/auth/login", body, HTTP_ORIGIN=APP)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == APP
    assert api.call("POST", "/token/refresh", HTTP_ORIGIN=APP).status_code == 200


def test_nothing_outside_the_api_is_shared(api, named):
    assert "Access-Control-Allow-Origin" not in api.get("/healthz", HTTP_ORIGIN=APP)
    assert "Access-Control-Allow-Origin" not in preflight(api, path="/admin/login/")
