"""/developers: who is in one's teams, as what; and how a membership ends."""

import pytest
from django.core import mail

from accounts.models import AuditEvent, Developer, Invitation, Membership, Role
from accounts.models.audit import Action
from apikeys.models import ApiKey
from tests.accounts.conftest import NOBODY


@pytest.fixture
def join(ann):
    """join(developer, role): they are in Ann's team as that."""
    return lambda developer, role: Membership.objects.create(team=ann.home_team, developer=developer, role=role)


@pytest.fixture
def cleo(db, join):
    """A developer in Ann's team."""
    cleo = Developer.objects.create_user("cleo@example.com", "correct horse battery staple", first_name="Cleo")
    join(cleo, Role.DEVELOPER)
    return cleo


@pytest.fixture
def as_cleo(api, cleo, sign_in):
    return api.with_token(sign_in(cleo)["access_token"])


def role_of(developer, team):
    return developer.role_in(team.pk)


def path(developer, team):
    return f"/developers/{developer.pk}?team={team.pk}"


def test_only_shared_teams_are_shown(as_ann, ann, vera):
    found = as_ann.call("GET", f"/developers/{vera.pk}").json()
    assert found == {
        "id": str(vera.pk),
        "email": "vera@example.com",
        "first_name": "Vera",
        "last_name": "",
        "teams": [{"id": str(ann.home_team_id), "role": "viewer"}],
    }


def test_the_list_is_everybody_of_ones_teams_newest_first_and_once(as_vera, ann, vera, bob):
    assert [row["email"] for row in as_vera.call("GET", "/developers").json()] == [vera.email, ann.email]
    assert [row["email"] for row in as_vera.call("GET", f"/developers?team={vera.home_team_id}").json()] == [vera.email]


def test_a_list_costs_the_same_for_one_and_for_ten(as_ann, ann, join, django_assert_max_num_queries):
    for number in range(10):
        join(Developer.objects.create_user(f"m{number}@example.com", None), Role.VIEWER)
    with django_assert_max_num_queries(5):
        assert len(as_ann.call("GET", "/developers").json()) == 11


def test_an_owner_gives_a_role_and_nothing_else(as_ann, ann, vera):
    changed = as_ann.call("PATCH", path(vera, ann.home_team), {"role": "admin"})
    assert changed.json()["teams"] == [{"id": str(ann.home_team_id), "role": "admin"}]
    event = AuditEvent.objects.get(action="member.role_changed")
    assert (event.target_id, event.data) == (vera.pk, {"before": "viewer", "after": "admin"})


@pytest.mark.parametrize("field", ["email", "password", "is_active", "first_name"])
def test_what_is_not_the_role_is_no_field(as_ann, ann, vera, faults_at, field):
    answer = as_ann.call("PATCH", path(vera, ann.home_team), {"role": "admin", field: "x"})
    assert faults_at(answer) == [(f"#/{field}", "unknown_field")]
    assert role_of(vera, ann.home_team) == "viewer"


@pytest.mark.parametrize(
    ("mine", "theirs", "wanted"),
    [
        ("admin", "viewer", "owner"),  # above one's own
        ("admin", "owner", "viewer"),  # of somebody above
        ("developer", "viewer", "viewer"),  # who does not lead
        ("viewer", "viewer", "admin"),
    ],
)
def test_nobody_reaches_above_themselves(as_cleo, cleo, ann, vera, mine, theirs, wanted):
    cleo.memberships.filter(team=ann.home_team).update(role=mine)
    vera.memberships.filter(team=ann.home_team).update(role=theirs)
    answer = as_cleo.call("PATCH", path(vera, ann.home_team), {"role": wanted})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_role")
    assert role_of(vera, ann.home_team) == theirs


def test_an_admin_does_not_make_themselves_an_owner(as_cleo, cleo, ann):
    cleo.memberships.filter(team=ann.home_team).update(role="admin")
    assert as_cleo.call("PATCH", path(cleo, ann.home_team), {"role": "owner"}).status_code == 403


def test_the_last_owner_neither_steps_down_nor_leaves(as_ann, ann, vera):
    for answer in (
        as_ann.call("PATCH", path(ann, ann.home_team), {"role": "admin"}),
        as_ann.call("DELETE", path(ann, ann.home_team)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert role_of(ann, ann.home_team) == "owner"


def test_an_owner_who_cannot_sign_in_is_no_other_owner(as_ann, ann, cleo):
    cleo.memberships.filter(team=ann.home_team).update(role="owner")
    cleo.disable(by=None)
    assert as_ann.call("DELETE", path(ann, ann.home_team)).status_code == 409


def test_an_owner_leaves_who_left_another_behind_and_their_home_stays_the_same(as_ann, ann, cleo):
    cleo.memberships.filter(team=ann.home_team).update(role="owner")
    assert as_ann.call("DELETE", path(ann, ann.home_team)).status_code == 204
    home = ann.home_team_id
    ann.refresh_from_db()
    assert ann.home_team_id == home
    assert as_ann.call("POST", "/api-keys", {}).status_code == 422
    assert as_ann.call("GET", "/auth/me").json()["teams"] == []


def test_who_is_removed_loses_sign_ins_and_invitations_but_not_the_account(
    as_ann, as_cleo, ann, cleo, sign_in, after_commit
):
    cleo.memberships.filter(team=ann.home_team).update(role="admin")
    team = str(ann.home_team_id)
    as_cleo.call("POST", "/invitations", {"email": "guest@example.com", "team": team})
    with after_commit():
        assert as_ann.call("DELETE", path(cleo, ann.home_team)).status_code == 204
    assert as_cleo.call("GET", "/auth/me").status_code == 401
    assert sign_in(cleo)["access_token"]
    assert Invitation.objects.get().status == "revoked"
    assert cleo.email in [address for letter in mail.outbox for address in letter.to]
    assert as_ann.call("DELETE", path(cleo, ann.home_team)).status_code == 404


def test_who_leaves_stays_signed_in(as_cleo, ann, cleo):
    assert as_cleo.call("DELETE", path(cleo, ann.home_team)).status_code == 204
    assert as_cleo.call("GET", "/auth/me").status_code == 200
    assert AuditEvent.objects.get(action="member.left").target_id == cleo.pk


def test_a_developer_removes_nobody(as_cleo, ann, vera):
    assert as_cleo.call("DELETE", path(vera, ann.home_team)).status_code == 403
    assert role_of(vera, ann.home_team) == "viewer"


def test_an_admin_removes_no_owner(as_cleo, cleo, ann, vera):
    cleo.memberships.filter(team=ann.home_team).update(role="admin")
    vera.memberships.filter(team=ann.home_team).update(role="owner")
    assert as_cleo.call("DELETE", path(vera, ann.home_team)).status_code == 403


def test_somebody_who_is_nobody_is_404(as_ann, ann):
    assert as_ann.call("DELETE", f"/developers/{NOBODY}?team={ann.home_team_id}").status_code == 404


# ---- the keys whose text they saw


@pytest.fixture
def seen(as_cleo, ann, as_ann):
    """A key that Cleo made, and one that she rotated, in Ann's team."""
    made = as_cleo.call("POST", "/api-keys", {"name": "Made", "team": str(ann.home_team_id)}).json()
    hers = as_ann.call("POST", "/api-keys", {"name": "Rotated"}).json()
    rotated = as_cleo.call("POST", f"/api-keys/{hers['id']}/rotate").json()
    return {"made": made["key"], "rotated": rotated["key"], "anns": hers["key"]}


def status_with(api, key):
    return api.with_key(key).call("GET", "/api-keys/self").status_code


def test_kept_keys_work_on_and_are_marked_until_they_are_rotated(api, as_ann, ann, cleo, seen):
    as_ann.call("DELETE", path(cleo, ann.home_team))
    assert status_with(api, seen["made"]) == 200
    left = ApiKey.objects.left_behind()
    assert {key.name for key in left} == {"Made", "Rotated"}
    for key in left:
        assert as_ann.call("POST", f"/api-keys/{key.pk}/rotate", {"compromised": True}).status_code == 201
    assert not ApiKey.objects.left_behind().exists()


def test_revoked_keys_open_nothing_and_others_keys_work_on(api, as_ann, ann, cleo, seen, after_commit):
    with after_commit():
        as_ann.call("DELETE", f"{path(cleo, ann.home_team)}&keys=revoke")
    assert [status_with(api, seen[name]) for name in ("made", "rotated", "anns")] == [401, 401, 200]
    letter = next(letter for letter in mail.outbox if "had seen keys" in letter.subject)
    assert letter.to == [ann.email]
    assert letter.body.count(": revoked") == 2
    assert AuditEvent.objects.filter(action=Action.KEY_REVOKED, actor_id=ann.pk).count() == 2


def test_keys_that_expire_work_for_the_overlap_in_which_they_can_be_rotated(api, as_ann, ann, cleo, seen, clock):
    as_ann.call("DELETE", f"{path(cleo, ann.home_team)}&keys=expire&overlap_seconds=3600")
    assert status_with(api, seen["made"]) == 200
    made = ApiKey.objects.get(name="Made")
    assert as_ann.call("POST", f"/api-keys/{made.pk}/rotate").status_code == 201
    clock.shift(3601)
    assert status_with(api, seen["made"]) == 401


def test_an_end_that_comes_sooner_stays(as_ann, as_cleo, ann, cleo):
    body = {"team": str(ann.home_team_id), "expires_in": 60}
    before = as_cleo.call("POST", "/api-keys", body).json()["expires_at"]
    as_ann.call("DELETE", f"{path(cleo, ann.home_team)}&keys=expire")
    assert as_ann.call("GET", "/api-keys").json()[0]["expires_at"] == before


def test_their_keys_in_other_teams_are_left_alone(api, as_ann, as_cleo, ann, cleo):
    own = as_cleo.call("POST", "/api-keys", {}).json()["key"]
    as_ann.call("DELETE", f"{path(cleo, ann.home_team)}&keys=revoke")
    assert status_with(api, own) == 200


def test_who_may_not_remove_revokes_no_key_by_it(api, as_vera, ann, cleo, seen):
    assert as_vera.call("DELETE", f"{path(cleo, ann.home_team)}&keys=revoke").status_code == 403
    assert status_with(api, seen["made"]) == 200
