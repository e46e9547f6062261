"""Plain HTTP: refused by a production API, redirected by its pages, and no matter on loopback."""

import ipaddress

import pytest

PROXY = (ipaddress.ip_network("10.0.0.1"),)


@pytest.fixture
def production(settings):
    """A SITE_URL that is not loopback, behind one proxy."""
    settings.LOCAL_MODE = False
    settings.SITE_URL = "https://keys.example.com"
    settings.ALLOWED_HOSTS = ["keys.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.TRUSTED_PROXIES = PROXY


HOST = {"HTTP_HOST": "keys.example.com"}
FROM_PROXY = {**HOST, "REMOTE_ADDR": "10.0.0.1"}


@pytest.mark.parametrize(
    "extra",
    [
        HOST,
        {**HOST, "HTTP_X_FORWARDED_PROTO": "https"},
        {**FROM_PROXY, "HTTP_X_FORWARDED_PROTO": "http"},
        {**FROM_PROXY, "HTTP_X_FORWARDED_PROTO": "https, http"},
        {**FROM_PROXY, "HTTP_X_FORWARDED_SSL": "on"},
        {**FROM_PROXY, "HTTP_FORWARDED": "proto=https"},
    ],
    ids=["bare", "forged", "said", "right-most", "ssl header", "forwarded header"],
)
@pytest.mark.parametrize("path", ["/api/v1/auth/me", "/api/v1/auth/login", "/api/v1/nothing"])
def test_an_api_call_over_plain_http_is_403_and_never_redirected(api, db, production, extra, path):
    response = api.post(path, **extra)
    assert response.status_code == 403
    assert response.json()["code"] == "https_required"
    assert response.json()["type"].startswith("https://keys.example.com/docs/errors#")
    assert "Location" not in response


def test_the_refusal_of_an_oauth_call_over_plain_http_is_noticed_by_oauth_libraries(api, db, production):
    body = api.post("/api/v1/auth/login", **HOST).json()
    assert body["error"] == "invalid_request"
    assert body["error_description"] == body["detail"]
    assert "error" not in api.get("/api/v1/auth/me", **HOST).json()


@pytest.mark.parametrize(
    "extra", [{**FROM_PROXY, "HTTP_X_FORWARDED_PROTO": "https"}, {**HOST, "wsgi.url_scheme": "https"}]
)
def test_over_https_it_is_answered_with_hsts(api, db, production, extra):
    response = api.get("/api/v1/auth/me", **extra)
    assert response.status_code == 401
    assert "max-age=31536000" in response["Strict-Transport-Security"]


def test_a_page_is_redirected_to_https(api, db, production):
    response = api.get("/some/page?x=1", **HOST)
    assert response.status_code == 301
    assert response["Location"] == "https://keys.example.com/some/page?x=1"


@pytest.mark.parametrize("path", ["/sign-in/", "/static/portal/portal.css"])
def test_a_page_for_a_strange_host_runs_nothing_over_plain_http_too(api, db, production, path):
    response = api.get(path, HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_what_is_refused_over_plain_http_is_taken_for_what_it_says_it_is(api, db, production):
    assert api.get("/api/v1/auth/me", **HOST)["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_answers_over_http_and_for_any_host(api, db, production, path):
    response = api.get(path, HTTP_HOST="10.9.8.7:8000")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"


def test_on_loopback_plain_http_is_fine(as_ann):
    response = as_ann.call("GET", "/auth/me")
    assert response.status_code == 200
    assert "Strict-Transport-Security" not in response


def test_a_page_of_ours_can_read_why_plain_http_was_refused(api, settings):
    settings.LOCAL_MODE, settings.CORS_ALLOWED_ORIGINS = False, ["https://app.example.com"]
    answer = api.call("GET", "/users", HTTP_ORIGIN="https://app.example.com")
    assert answer.json()["code"] == "https_required"
    assert answer["Access-Control-Allow-Origin"] == "https://app.example.com"
