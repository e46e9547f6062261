"""`offboard`: somebody leaves the house, and so does what they knew."""

import json

import pytest
from django.core import mail

from accounts import invitations
from accounts.models import Developer, Membership, Role
from apikeys.models import ApiKey
from tests.conftest import PASSWORD


@pytest.fixture
def cleo(ann):
    """An admin of Ann's team, who has asked somebody in."""
    cleo = Developer.objects.create_user("cleo@example.com", PASSWORD, first_name="Cleo")
    Membership.objects.create(team=ann.home_team, developer=cleo, role=Role.ADMIN)
    invitations.invite(ann.home_team, by=cleo, email="guest@example.com", role="viewer")
    return cleo


@pytest.fixture
def keys(ann, cleo):
    """The texts of a key that Cleo made in Ann's team, and of one of Ann's."""
    texts = {}
    for maker in (cleo, ann):
        _, texts[maker.first_name] = ApiKey.objects.issue(
            team=ann.home_team, by=maker, name=maker.first_name, scopes=["users:read"]
        )
    return texts


@pytest.mark.parametrize(("fate", "status"), [("keep", 200), ("expire", 200), ("revoke", 401)])
def test_it_ends_account_sign_ins_and_invitations_and_decides_on_the_keys(
    manage, api, sign_in, cleo, keys, fate, status
):
    tokens = sign_in(cleo)
    said = json.loads(manage("offboard", cleo.email, "--keys", fate, "--json").out)
    assert said["ended_sessions"] == 1
    assert api.with_token(tokens["access_token"]).call("GET", "/auth/me").status_code == 401
    assert cleo.invitations.get().status == "revoked"
    cleo.refresh_from_db()
    assert not cleo.is_active
    assert api.with_key(keys["Cleo"]).call("GET", "/users").status_code == status
    assert api.with_key(keys["Ann"]).call("GET", "/users").status_code == 200
    key = ApiKey.objects.get(name="Cleo")
    touched = said["kept_keys" if fate == "keep" else "changed_keys"]
    assert [row["id"] for row in touched] == [str(key.pk)]
    assert bool(key.expires_at) == (fate == "expire")
    assert ApiKey.objects.left_behind().filter(pk=key.pk).exists() == (fate != "revoke")


def test_the_owners_of_the_team_are_told_which_keys(manage, ann, cleo, keys, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        said = manage("offboard", cleo.email, "--keys", "revoke")
    prefix = ApiKey.objects.get(name="Cleo").key_prefix
    letter = mail.outbox[-1]
    assert letter.to == [ann.email]
    assert f"{prefix}…): revoked" in letter.body
    assert f"{prefix}  Cleo: revoked" in said.out


def test_again_changes_nothing_and_may_still_decide_on_the_keys(manage, api, cleo, keys):
    manage("offboard", cleo.email)
    said = json.loads(manage("offboard", cleo.email, "--keys", "revoke", "--json").out)
    assert (said["ended_sessions"], len(said["changed_keys"])) == (0, 1)
    assert api.with_key(keys["Cleo"]).call("GET", "/users").status_code == 401


def test_it_asks_on_a_terminal_and_no_changes_nothing(refused, at_a_terminal, cleo, keys):
    asked = at_a_terminal("no")
    assert "nothing was changed" in refused("offboard", cleo.email, "--keys", "revoke").error
    assert "1 keys: revoked" in asked[0]
    cleo.refresh_from_db()
    assert cleo.is_active


def test_nobody_has_the_address(refused, db):
    assert "Nobody has this" in refused("offboard", "nobody@example.com").error


@pytest.mark.parametrize("overlap", ["-1", "2592001"])
def test_an_overlap_has_its_limits(refused, cleo, overlap):
    assert "--overlap is" in refused("offboard", cleo.email, "--keys", "expire", "--overlap", overlap).error
