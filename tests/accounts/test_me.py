"""GET and PATCH /auth/me, and POST /auth/change-password."""

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core import mail

from accounts.models import AuditEvent, Session
from tests.accounts.conftest import PASSWORD

NEW = "a new and longer password"
CHANGED = {"message": "Password updated successfully"}


def test_me_shows_the_developer_and_the_teams(as_vera, vera, ann):
    response = as_vera.call("GET", "/auth/me")
    assert response.status_code == 200
    found = response.json()
    assert found.pop("created_at").endswith("Z")
    assert found.pop("updated_at").endswith("Z")
    assert found == {
        "id": str(vera.pk),
        "email": "vera@example.com",
        "first_name": "Vera",
        "last_name": "",
        "mfa_enabled": False,
        "pending_email": None,
        "teams": [
            {"id": str(vera.home_team_id), "name": "Vera's team", "role": "owner"},
            {"id": str(ann.home_team_id), "name": "Ann's team", "role": "viewer"},
        ],
    }


def test_names_can_be_changed_each_alone(as_ann):
    assert as_ann.call("PATCH", "/auth/me", {"last_name": "Lee"}).json()["last_name"] == "Lee"
    found = as_ann.call("PATCH", "/auth/me", {"first_name": ""}).json()
    assert (found["first_name"], found["last_name"]) == ("", "Lee")


def test_a_change_is_audited_by_its_fields_and_never_by_their_values(as_ann, ann):
    as_ann.call("PATCH", "/auth/me", {"last_name": "Lee", "first_name": "Anna"})
    event = AuditEvent.objects.get(action="developer.changed")
    assert (event.actor_id, event.data) == (ann.pk, {"fields": ["first_name", "last_name"]})


def test_an_empty_change_changes_and_audits_nothing(as_ann):
    before = as_ann.call("GET", "/auth/me").json()
    assert as_ann.call("PATCH", "/auth/me", {}).json() == before
    assert not AuditEvent.objects.filter(action="developer.changed").exists()


@pytest.mark.parametrize("field", ["password", "current_password", "id", "teams", "mfa_enabled"])
def test_nothing_else_can_be_changed_here(as_ann, field):
    response = as_ann.call("PATCH", "/auth/me", {field: "x@example.com"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"#/{field}"


@pytest.fixture
def change(api, tokens):
    """change(**fields) → the answer of POST /auth/change-password."""
    signed_in = api.with_token(tokens["access_token"])
    return lambda **fields: signed_in.call(
        "POST", "/auth/change-password", {"current_password": PASSWORD, "new_password": NEW, **fields}
    )


def faults(response):
    assert response.status_code == 422, response.content
    return {fault["pointer"]: fault["code"] for fault in response.json()["errors"]}


def test_the_new_password_is_the_only_one_that_signs_in(change, guess, ann):
    response = change()
    assert (response.status_code, response.json()) == (200, CHANGED)
    assert guess(ann.email, PASSWORD).status_code == 401
    assert guess(ann.email, NEW).status_code == 200


def test_it_ends_every_other_session_and_portal_sign_in_and_keeps_this_one(
    change, tokens, sign_in, ann, bob, me, refresh
):
    other, theirs = sign_in(ann), sign_in(bob)
    browser = Session.open(ann, Session.Kind.BROWSER, (None, ""))
    assert change().status_code == 200
    assert me(other["access_token"]) == 401
    assert refresh(other["refresh_token"]).status_code == 401
    browser.refresh_from_db()
    assert browser.closed_reason == "password_changed"
    assert me(tokens["access_token"]) == 200
    assert refresh(tokens["refresh_token"]).status_code == 200
    assert me(theirs["access_token"]) == 200


def test_it_is_told_by_mail_and_audited(change, ann, after_commit):
    with after_commit():
        change()
    assert [message.to for message in mail.outbox] == [[ann.email]]
    assert NEW not in mail.outbox[0].body
    assert AuditEvent.objects.get(action="password.changed").data == {"ended": 0}


def test_a_wrong_current_password_is_422_at_its_pointer_and_changes_nothing(change, guess, ann, after_commit):
    with after_commit():
        assert faults(change(current_password="wrong")) == {"#/current_password": "incorrect_password"}
    assert guess(ann.email, PASSWORD).status_code == 200
    assert not mail.outbox


def test_the_repeated_password_must_be_the_same(change):
    assert faults(change(confirm_password=NEW + "x")) == {"#/confirm_password": "password_mismatch"}
    assert change(confirm_password=NEW).status_code == 200


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 1025, "password_too_long"),
        ("ä" * 513, "password_too_long"),
        ("openwearables12", "password_too_common"),
        ("Open Wearables 1", "password_too_common"),
        ("administrator", "password_too_common"),
        ("ann@example.com", "password_too_similar"),
        ("a long one with \0 inside", "null_characters_not_allowed"),
        ("", "blank"),
        (None, "null"),
        (12345678901234, "invalid"),
    ],
)
def test_a_poor_password_is_refused_before_the_current_one_is_hashed(change, hashes, password, code):
    assert code in [fault["code"] for fault in change(new_password=password).json()["errors"]]
    assert faults(change(new_password=password)).keys() == {"#/new_password"}
    assert not hashes


@pytest.mark.parametrize(
    "password",
    ["x" * 10 + "yz", "ä" * 512, " leading and trailing ", "openwearables and much more", "emoji 😀😀😀😀😀😀😀"],
)
def test_length_is_what_makes_a_password_good(change, guess, ann, password):
    assert change(new_password=password).status_code == 200
    assert guess(ann.email, password).status_code == 200


def test_it_names_all_missing_fields_and_unknown_ones(change, api, tokens):
    response = api.with_token(tokens["access_token"]).call("POST", "/auth/change-password", {"password": "x"})
    assert faults(response) == {
        "#/current_password": "required",
        "#/new_password": "required",
        "#/password": "unknown_field",
    }


def test_it_needs_a_credential(api, db):
    assert api.call("POST", "/auth/change-password", {}).status_code == 401


def test_the_current_password_is_hashed_once(change, hashes):
    change(current_password="wrong")
    assert hashes == ["wrong"]


def test_the_rules_for_a_password_can_be_shown(db):
    said = " ".join(password_validators_help_texts())
    assert "1,024 bytes" in said
    assert "name of this product" in said
