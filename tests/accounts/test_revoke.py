"""POST /token/revoke after RFC 7009: 204 whatever the token was, 422 only without one."""

import pytest

from accounts.models import AuditEvent, Session
from tests.accounts.conftest import forge


@pytest.fixture
def revoke(api):
    return lambda **body: api.call("POST", "/token/revoke", body)


@pytest.mark.parametrize("field", ["token", "refresh_token"])
def test_it_ends_the_session_under_either_name(revoke, tokens, refresh, me, field):
    response = revoke(**{field: tokens["refresh_token"]})
    assert response.status_code == 204
    assert response.content == b""
    assert me(tokens["access_token"]) == 401
    assert refresh(tokens["refresh_token"]).status_code == 401


def test_it_takes_a_form_with_what_oauth_clients_send(api, tokens, me):
    response = api.form("/token/revoke", token=tokens["refresh_token"], token_type_hint="refresh_token", client_id="x")
    assert response.status_code == 204
    assert me(tokens["access_token"]) == 401


def test_an_access_token_ends_its_session_too(revoke, tokens, me):
    assert revoke(token=tokens["access_token"], token_type_hint="access_token").status_code == 204
    assert me(tokens["access_token"]) == 401


def test_a_spent_token_ends_its_session_too(revoke, tokens, refresh, me):
    found = refresh(tokens["refresh_token"]).json()
    assert revoke(token=tokens["refresh_token"]).status_code == 204
    assert me(found["access_token"]) == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "é.é.é", "x" * 5000, "ow_live_x", "..", " "])
def test_an_unknown_or_malformed_token_is_204(revoke, db, token):
    assert revoke(token=token).status_code == 204


def test_a_token_with_a_strange_signature_or_subject_ends_nothing(revoke, tokens, me, bob):
    assert revoke(token=forge(tokens["refresh_token"], key="x" * 40)).status_code == 204
    assert revoke(token=forge(tokens["refresh_token"], sub=str(bob.pk))).status_code == 204
    assert me(tokens["access_token"]) == 200


def test_a_second_time_is_the_same_and_audited_once(revoke, tokens):
    for _ in range(3):
        assert revoke(token=tokens["refresh_token"]).status_code == 204
    assert AuditEvent.objects.filter(action="session.closed").count() == 1
    assert Session.objects.get().closed_reason == "logout"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/token"),
        ({"token": None}, "#/token"),
        ({"token": 1}, "#/token"),
        ({"token": ""}, "#/token"),
        ({"token": "a", "refresh_token": "b"}, "#/token"),
    ],
)
def test_without_exactly_one_token_it_is_422(revoke, db, body, pointer):
    response = revoke(**body)
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]
    assert response.json()["error"] == "invalid_request"


def test_the_same_token_under_both_names_is_one(revoke, tokens, me):
    assert revoke(token=tokens["refresh_token"], refresh_token=tokens["refresh_token"]).status_code == 204
    assert me(tokens["access_token"]) == 401


def test_other_sessions_live_on(revoke, tokens, sign_in, ann, me):
    other = sign_in(ann)
    revoke(token=tokens["refresh_token"])
    assert me(other["access_token"]) == 200


def test_it_never_looks_at_authorization(api, tokens):
    body = {"token": tokens["refresh_token"]}
    assert api.with_token("a.b.c").call("POST", "/token/revoke", body).status_code == 204
