"""Signing out, here and everywhere, and the list of one's sessions."""

import pytest

from accounts.models import AuditEvent, Session
from tests.accounts.conftest import ELSEWHERE, HOME, claims_of


@pytest.fixture
def signed_in(api, tokens):
    """Ann, from home."""
    return api.with_token(tokens["access_token"])


def test_logout_ends_this_session_at_once_and_no_other(signed_in, tokens, ann, sign_in, me, refresh):
    other = sign_in(ann)
    response = signed_in.call("POST", "/auth/logout")
    assert (response.status_code, response.json()) == (200, {"message": "Successfully logged out"})
    assert me(tokens["access_token"]) == 401
    assert refresh(tokens["refresh_token"]).status_code == 401
    assert me(other["access_token"]) == 200


def test_logout_is_audited(signed_in, ann):
    signed_in.call("POST", "/auth/logout")
    event = AuditEvent.objects.get(action="session.closed")
    assert (event.actor_id, event.data) == (ann.pk, {"reason": "logout"})


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-all"])
def test_signing_out_needs_a_credential(api, db, path):
    assert api.call("POST", path).status_code == 401


def test_logout_all_ends_every_session_and_portal_sign_in(signed_in, tokens, ann, bob, sign_in, me):
    others = [sign_in(ann), sign_in(ann)]
    theirs = sign_in(bob)
    Session.open(ann, Session.Kind.BROWSER, ("203.0.113.5", "Firefox"))
    response = signed_in.call("POST", "/auth/logout-all")
    assert (response.status_code, response.json()) == (200, {"ended": 4})
    assert [me(found["access_token"]) for found in (tokens, *others)] == [401] * 3
    assert not Session.objects.of(ann).live().exists()
    assert me(theirs["access_token"]) == 200
    assert AuditEvent.objects.get(action="session.all_closed").data == {"ended": 4}


def test_the_list_shows_live_sessions_newest_first(signed_in, tokens, ann, bob, sign_in):
    sign_in(bob)
    ended = sign_in(ann)
    newest = sign_in(ann, **ELSEWHERE)
    signed_in.call("DELETE", f"/auth/sessions/{claims_of(ended['access_token'])['sid']}")
    response = signed_in.call("GET", "/auth/sessions")
    assert response.status_code == 200
    rows = response.json()
    assert [row["id"] for row in rows] == [claims_of(found["access_token"])["sid"] for found in (newest, tokens)]
    assert [row["current"] for row in rows] == [False, True]
    fields = "id kind created_at last_used_at expires_at ip user_agent current"
    assert set(rows[0]) == set(fields.split())
    assert (rows[0]["ip"], rows[0]["user_agent"]) == (ELSEWHERE["REMOTE_ADDR"], ELSEWHERE["HTTP_USER_AGENT"])
    assert (rows[1]["ip"], rows[1]["user_agent"], rows[1]["kind"]) == (*HOME.values(), "api")
    assert all(rows[0][name].endswith("Z") for name in ("created_at", "last_used_at", "expires_at"))


def test_a_portal_sign_in_is_in_the_list(signed_in, ann):
    Session.open(ann, Session.Kind.BROWSER, (None, ""))
    assert [row["kind"] for row in signed_in.call("GET", "/auth/sessions").json()] == ["browser", "api"]


def test_a_session_that_idled_out_is_not_in_the_list(clock, ann, sign_in, api):
    sign_in(ann)
    clock.shift(15 * 86400)
    signed_in = api.with_token(sign_in(ann)["access_token"])
    assert len(signed_in.call("GET", "/auth/sessions").json()) == 1


def test_a_refresh_is_a_use(clock, tokens, refresh, api):
    clock.shift(100)
    found = refresh(tokens["refresh_token"]).json()
    (row,) = api.with_token(found["access_token"]).call("GET", "/auth/sessions").json()
    assert row["last_used_at"] > row["created_at"]


def test_delete_ends_one_session_at_once(signed_in, ann, sign_in, me, tokens):
    other = sign_in(ann)
    path = f"/auth/sessions/{claims_of(other['access_token'])['sid']}"
    response = signed_in.call("DELETE", path)
    assert (response.status_code, response.content) == (204, b"")
    assert me(other["access_token"]) == 401
    assert me(tokens["access_token"]) == 200
    assert signed_in.call("DELETE", path).status_code == 404


def test_delete_of_the_current_session_signs_out(signed_in, tokens, me):
    assert signed_in.call("DELETE", f"/auth/sessions/{claims_of(tokens['access_token'])['sid']}").status_code == 204
    assert me(tokens["access_token"]) == 401


def test_nobody_ends_a_session_of_somebody_else(as_bob, tokens, me):
    assert as_bob.call("DELETE", f"/auth/sessions/{claims_of(tokens['access_token'])['sid']}").status_code == 404
    assert me(tokens["access_token"]) == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/auth/sessions"), ("GET", "/auth/me"), ("POST", "/auth/logout"), ("POST", "/auth/change-password")],
)
def test_a_key_may_not_do_any_of_this(api, new_key, method, path):
    response = api.with_key(new_key()["key"]).call(method, path)
    assert response.status_code == 403
    assert response.json()["code"] == "developer_session_required"
