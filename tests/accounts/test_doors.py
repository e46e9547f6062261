"""The portal's door beside the API's: one counter, and sessions that end together."""

import pytest
from django.contrib.auth import authenticate

from accounts.models import Session
from tests.accounts.conftest import HOME, PASSWORD
from tests.conftest import Api


class Browser(Api):
    """The portal as a browser sees it."""

    def sign_in(self, email, password=PASSWORD, **extra):
        return self.post("/sign-in/", {"login": email, "password": password}, **{**HOME, **extra})

    def is_signed_in(self):
        response = self.get("/profile/")
        assert response.status_code == 200 or response["Location"].startswith("/sign-in/"), response.content
        return response.status_code == 200


@pytest.fixture
def portal():
    return Browser()


@pytest.fixture
def signed_in(portal, ann):
    """Ann's browser, signed in."""
    assert portal.sign_in(ann.email).status_code == 302
    assert portal.is_signed_in()
    return portal


def test_a_portal_cookie_alone_opens_nothing_of_the_api(signed_in):
    for path in ("/auth/me", "/api-keys", "/users"):
        response = signed_in.call("GET", path)
        assert response.status_code == 401
        assert response.json()["code"] == "not_authenticated"


def test_a_portal_sign_in_is_a_session_in_the_list(signed_in, tokens, api):
    rows = api.with_token(tokens["access_token"]).call("GET", "/auth/sessions").json()
    assert sorted(row["kind"] for row in rows) == ["api", "browser"]


def change_password(api, token):
    body = {"current_password": PASSWORD, "new_password": "a new and longer password"}
    return api.with_token(token).call("POST", "/auth/change-password", body)


def end_session(api, token):
    caller = api.with_token(token)
    for row in caller.call("GET", "/auth/sessions").json():
        if row["kind"] == "browser":
            return caller.call("DELETE", f"/auth/sessions/{row['id']}")
    return None


@pytest.mark.parametrize(
    "act",
    [lambda api, token: api.with_token(token).call("POST", "/auth/logout-all"), change_password, end_session],
    ids=["logout-all", "change of the password", "end of the session"],
)
def test_what_ends_a_portal_sign_in_ends_it_at_once(signed_in, tokens, api, act):
    assert act(api, tokens["access_token"]).status_code in (200, 204)
    assert not signed_in.is_signed_in()


def test_a_disabled_developer_is_signed_out_of_the_portal(signed_in, ann):
    ann.disable(by=None)
    assert not signed_in.is_signed_in()


def test_logout_of_the_api_leaves_the_portal_alone(signed_in, tokens, api):
    api.with_token(tokens["access_token"]).call("POST", "/auth/logout")
    assert signed_in.is_signed_in()


def test_a_portal_sign_in_in_use_is_noted_and_idles_out_later(clock, signed_in):
    before = Session.objects.get()
    clock.shift(30)
    assert signed_in.is_signed_in()
    assert Session.objects.get().last_used_at == before.last_used_at, "at most once a minute"
    clock.shift(60)
    assert signed_in.is_signed_in()
    after = Session.objects.get()
    assert after.last_used_at > before.last_used_at
    assert after.expires_at > before.expires_at
    clock.shift(14 * 86400 + 60)
    assert not signed_in.is_signed_in()


def test_guesses_at_the_portal_and_the_api_are_counted_together(portal, guess, ann):
    for _ in range(5):
        assert guess(ann.email).status_code == 401
    for _ in range(4):
        assert portal.sign_in(ann.email, "wrong").status_code == 200, "the form again"
    response = portal.sign_in(ann.email, "wrong")
    assert response.status_code == 429
    assert response["Retry-After"].isdigit()
    assert response["Content-Type"].startswith("text/html")
    assert guess(ann.email, PASSWORD).status_code == 429
    assert not Session.objects.exists()


@pytest.mark.parametrize("given", [{}, {"email": ""}, {"email": "a@example.com"}, {"password": "x"}])
def test_without_a_name_or_a_password_nothing_is_hashed(db, hashes, given):
    assert authenticate(None, **given) is None
    assert not hashes
