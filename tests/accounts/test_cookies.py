"""The refresh token in a cookie: given and taken only for pages that we know, and never in the body."""

import pytest

from tests.accounts.conftest import HOME, PASSWORD

SITE = "http://127.0.0.1:8000"
APP = "https://app.example.com"
NAME = "ow_refresh"


@pytest.fixture
def post(api, ann):
    """post(path, body, origin=…) → the answer to a page's POST, with the browser's cookies."""

    def post(path, body=None, origin=SITE, **extra):
        headers = {**HOME, **extra} | ({} if origin is None else {"HTTP_ORIGIN": origin})
        return api.call("POST", path, body, **headers)

    return post


def sign_in(post, **extra):
    return post("/auth/login", {"username": "ann@example.com", "password": PASSWORD, "delivery": "cookie"}, **extra)


def cleared(response):
    morsel = response.cookies[NAME]
    return morsel.value == "" and morsel["max-age"] == 0


def test_delivery_by_cookie_leaves_the_token_out_of_the_body(post):
    response = sign_in(post)
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "expires_in"}
    assert response.cookies[NAME].value not in response.content.decode()


def test_delivery_by_body_sets_no_cookie(post):
    response = post("/auth/login", {"username": "ann@example.com", "password": PASSWORD, "delivery": "body"})
    assert "refresh_token" in response.json()
    assert not response.cookies


def test_its_flags_on_loopback(post):
    morsel = sign_in(post).cookies[NAME]
    assert morsel["httponly"]
    assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Strict", "/", "")
    assert not morsel["secure"]
    assert morsel["max-age"] == 14 * 86400


def test_its_name_and_flags_in_production(post, settings):
    settings.LOCAL_MODE = False
    response = sign_in(post, **{"wsgi.url_scheme": "https"})
    morsel = response.cookies["__Host-ow_refresh"]
    assert morsel["secure"]
    assert morsel["httponly"]
    assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Strict", "/", "")
    assert NAME not in response.cookies


def test_its_life_is_that_of_the_token(post, settings, clock):
    settings.SESSION_ABSOLUTE_LIFETIME = 1000
    assert sign_in(post).cookies[NAME]["max-age"] == 1000
    clock.shift(400)
    assert post("/token/refresh").cookies[NAME]["max-age"] in (599, 600)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.example",
        SITE + "/",
        "http://127.0.0.1:8001",
        "http://127.0.0.1",
        "HTTP://127.0.0.1:8000",
    ],
)
def test_it_is_not_given_to_another_origin(post, origin):
    response = sign_in(post, origin=origin)
    assert response.status_code == 403
    assert response.json()["code"] == "origin_not_allowed"
    assert response.json()["error"] == "invalid_request"
    assert not response.cookies


def test_another_origin_learns_nothing_about_the_password(post, hashes):
    assert sign_in(post, origin=None).status_code == 403
    assert not hashes


def test_it_is_given_to_an_origin_that_was_named(post, settings):
    settings.CORS_ALLOWED_ORIGINS = [APP]
    assert sign_in(post, origin=APP).status_code == 200
    assert sign_in(post, origin=APP + ".evil.example").status_code == 403


def test_what_came_by_cookie_goes_back_by_cookie_only(post):
    first = sign_in(post).cookies[NAME].value
    response = post("/token/refresh")
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "expires_in"}
    second = response.cookies[NAME].value
    assert second not in ("", first)
    assert post("/token/refresh").status_code == 200


@pytest.mark.parametrize("body", [{}, {"grant_type": "refresh_token", "client_id": "x"}])
def test_the_body_of_a_cookie_refresh_may_say_what_oauth_says(post, body):
    sign_in(post)
    assert post("/token/refresh", body).status_code == 200


@pytest.mark.parametrize("path", ["/token/refresh", "/token/revoke"])
@pytest.mark.parametrize("origin", [None, "null", "https://evil.example"])
def test_it_is_not_taken_from_another_origin(post, path, origin):
    sign_in(post)
    response = post(path, origin=origin)
    assert response.status_code == 403
    assert response.json()["code"] == "origin_not_allowed"
    assert not response.cookies
    assert post("/token/refresh").status_code == 200, "nothing has ended"


@pytest.mark.parametrize(("path", "field"), [("/token/refresh", "refresh_token"), ("/token/revoke", "token")])
def test_cookie_and_body_together_are_422(post, path, field):
    token = sign_in(post).cookies[NAME].value
    response = post(path, {field: token})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"#/{field}"
    assert post("/token/refresh").status_code == 200, "nothing has ended"


def test_a_token_from_the_body_needs_no_origin_and_sets_no_cookie(post, tokens):
    response = post("/token/refresh", {"refresh_token": tokens["refresh_token"]}, origin=None)
    assert response.status_code == 200
    assert not response.cookies


def test_revoke_clears_it(post, api):
    access = sign_in(post).json()["access_token"]
    response = post("/token/revoke")
    assert response.status_code == 204
    assert cleared(response)
    assert api.with_token(access).call("GET", "/auth/me").status_code == 401
    assert post("/token/refresh").status_code == 422, "the browser has no cookie any more"


def test_logout_clears_it(post, api):
    access = sign_in(post).json()["access_token"]
    for path in ("/auth/logout", "/auth/logout-all"):
        access = sign_in(post).json()["access_token"]
        response = api.with_token(access).call("POST", path)
        assert response.status_code == 200
        assert cleared(response)


def test_a_rejected_cookie_is_cleared(post, api):
    access = sign_in(post).json()["access_token"]
    api.with_token(access).call("POST", "/auth/logout")
    response = post("/token/refresh")
    assert response.status_code == 401
    assert response.json()["code"] == "refresh_rejected"
    assert cleared(response)


def test_a_cookie_that_is_nonsense_is_rejected_and_cleared(post, api):
    api.cookies[NAME] = "nonsense"
    response = post("/token/refresh")
    assert response.status_code == 401
    assert cleared(response)


def test_a_rejected_body_clears_nothing(post):
    response = post("/token/refresh", {"refresh_token": "x"})
    assert response.status_code == 401
    assert not response.cookies


def test_a_cleared_cookie_keeps_the_flags_that_a_browser_wants(post, api, settings):
    settings.LOCAL_MODE = False
    https = {"wsgi.url_scheme": "https"}
    sign_in(post, **https)
    morsel = post("/token/revoke", **https).cookies["__Host-ow_refresh"]
    assert morsel["max-age"] == 0
    assert morsel["secure"]
    assert (morsel["path"], morsel["domain"]) == ("/", "")


def test_the_loopback_cookie_is_not_read_in_production(post, api, settings):
    token = sign_in(post).cookies[NAME].value
    settings.LOCAL_MODE = False
    api.cookies.clear()
    api.cookies[NAME] = token
    assert post("/token/refresh", **{"wsgi.url_scheme": "https"}).status_code == 422


def test_the_cookie_opens_no_other_endpoint(post, api):
    sign_in(post)
    assert api.call("GET", "/auth/me", HTTP_ORIGIN=SITE).status_code == 401
