"""/invitations: asked by mail, accepted once by whoever reads that mailbox."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts import invitations
from accounts.models import AuditEvent, Developer, Invitation, Membership, Role, Session
from tests.conftest import PASSWORD

NEW = "a few words in a row"
GUEST = "guest@example.com"


@pytest.fixture
def invite(after_commit):
    """invite(caller, **body) → the answer; the mail has left."""

    def invite(caller, **body):
        with after_commit():
            return caller.call("POST", "/invitations", {"email": GUEST, **body})

    return invite


def token():
    """The token of the last link that was mailed."""
    bodies = "\n".join(letter.body for letter in mail.outbox)
    return re.findall(r"http://127\.0\.0\.1:8000/invitations/accept/(\w+)/", bodies)[-1]


@pytest.fixture
def accept(api):
    """accept(token, **body) → the answer."""
    return lambda token, **body: api.call("POST", "/invitations/accept", {"token": token, **body})


def test_the_token_is_in_the_mail_alone(as_ann, invite, ann):
    made = invite(as_ann, role="admin")
    assert made.status_code == 201
    row = made.json()
    assert set(row) == {"id", "email", "team", "role", "status", "expires_at", "created_at", "invited_by"}
    assert (row["email"], row["status"], row["invited_by"]) == (GUEST, "pending", str(ann.pk))
    assert mail.outbox[-1].to == [GUEST]
    secret = token()
    assert secret not in made.text + as_ann.call("GET", "/invitations").text
    assert secret not in str(Invitation.objects.values())
    assert secret not in str(list(AuditEvent.objects.values()))


def test_a_stranger_makes_an_account_whose_address_is_proved(as_ann, invite, accept, api, ann):
    invite(as_ann, email="Guest@Example.com")
    done = accept(token(), password=NEW, first_name="Guy", last_name="Est")
    assert done.status_code == 201
    assert done.json()["teams"] == [{"id": str(ann.home_team_id), "role": "developer"}]
    assert api.call("POST", "/auth/login", {"username": GUEST, "password": NEW}).status_code == 200
    guest = Developer.objects.get(email=GUEST)
    assert EmailAddress.objects.get(user=guest).verified
    assert guest.home_team_id != ann.home_team_id
    assert Invitation.objects.get().status == "accepted"


def test_who_has_an_account_joins_with_it_and_keeps_home_and_password(as_ann, invite, accept, bob, ann, sign_in):
    invite(as_ann, email=bob.email)
    assert accept(token()).status_code == 201
    assert bob.role_in(ann.home_team_id) == "developer"
    home = bob.home_team_id
    bob.refresh_from_db()
    assert bob.home_team_id == home
    assert sign_in(bob)


def test_the_owners_hear_who_joined(as_ann, invite, accept, bob, ann, after_commit):
    invite(as_ann, email=bob.email)
    with after_commit():
        accept(token())
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([ann.email], "Bob joined Ann's team")


def test_without_a_password_there_is_no_new_account_and_the_invitation_waits_on(as_ann, invite, accept, faults_at):
    invite(as_ann)
    assert faults_at(accept(token())) == [("#/password", "required")]
    assert faults_at(accept(token(), password="short")) == [("#/password", "password_too_short")]
    assert accept(token(), password=NEW).status_code == 201


@pytest.mark.parametrize("wrong", ["guest@example.com", "GUEST.example.com", "guiseppina99"])
def test_the_password_of_a_new_account_is_not_made_of_its_address_or_name(as_ann, invite, accept, faults_at, wrong):
    invite(as_ann)
    names = {"first_name": "Guiseppina"}
    assert faults_at(accept(token(), password=wrong, **names)) == [("#/password", "password_too_similar")]
    assert not Developer.objects.filter(email=GUEST).exists()
    assert accept(token(), password=NEW, **names).status_code == 201


@pytest.mark.parametrize("names", [{"first_name": 7}, {"first_name": ["x"]}, {"token": 7}, {"token": None}])
def test_what_is_no_text_is_a_fault_at_its_place_beside_the_passwords(as_ann, invite, api, faults_at, names):
    invite(as_ann)
    answer = api.call("POST", "/invitations/accept", {"token": token(), "password": "short", **names})
    assert {place for place, _ in faults_at(answer)} == {f"#/{next(iter(names))}", "#/password"}


def test_it_is_good_once(as_ann, invite, accept, bob, faults_at):
    invite(as_ann, email=bob.email)
    assert accept(token()).status_code == 201
    assert faults_at(accept(token())) == [("#/token", "invalid")]


def test_a_stranger_who_took_the_address_first_is_locked_out(as_ann, invite, accept, api):
    squatter = Developer.objects.create_user(GUEST, PASSWORD)
    EmailAddress.objects.filter(user=squatter).update(verified=False)
    theirs = Session.open(squatter, Session.Kind.API, (None, ""))
    invite(as_ann)
    assert accept(token()).status_code == 422
    assert accept(token(), password=NEW).status_code == 201
    for password, status in ((PASSWORD, 401), (NEW, 200)):
        assert api.call("POST", "/auth/login", {"username": GUEST, "password": password}).status_code == status
    theirs.refresh_from_db()
    assert theirs.closed_at


def test_a_disabled_account_joins_nothing(as_ann, invite, accept, bob, ann):
    invite(as_ann, email=bob.email)
    bob.disable(by=None)
    assert accept(token()).status_code == 422
    assert bob.role_in(ann.home_team_id) is None
    assert Invitation.objects.get().status == "pending"


def end_by_time(as_ann, ann, clock):
    clock.shift(timedelta(days=7, seconds=1))


def end_by_revoking(as_ann, ann, clock):
    assert as_ann.call("DELETE", f"/invitations/{Invitation.objects.get().pk}").status_code == 204


def end_by_stepping_down(as_ann, ann, clock):
    ann.memberships.filter(team=ann.home_team).update(role=Role.ADMIN)


def end_by_leaving(as_ann, ann, clock):
    other = Developer.objects.create_user("other@example.com", None)
    Membership.objects.create(team=ann.home_team, developer=other, role=Role.OWNER)
    as_ann.call("DELETE", f"/developers/{ann.pk}?team={ann.home_team_id}")


def end_by_disabling(as_ann, ann, clock):
    ann.disable(by=None)


def end_by_sending_again(as_ann, ann, clock):
    assert as_ann.call("POST", f"/invitations/{Invitation.objects.get().pk}/resend").status_code == 200


@pytest.mark.parametrize(
    "end",
    [end_by_time, end_by_revoking, end_by_stepping_down, end_by_leaving, end_by_disabling, end_by_sending_again],
)
def test_it_opens_nothing_after(as_ann, invite, accept, bob, ann, clock, faults_at, end):
    invite(as_ann, email=bob.email, role="owner")
    old = token()
    end(as_ann, ann, clock)
    assert faults_at(accept(old)) == [("#/token", "invalid")]
    assert bob.role_in(ann.home_team_id) is None


def test_sending_again_sends_a_new_link_for_seven_days(
    as_ann, ann, invite, accept, bob, clock, after_commit, api, sign_in
):
    first = invite(as_ann, email=bob.email).json()
    clock.shift(timedelta(days=8))
    with after_commit():
        again = api.with_token(sign_in(ann)["access_token"]).call("POST", f"/invitations/{first['id']}/resend")
    assert again.json()["status"] == "pending"
    assert Invitation.objects.get().expires_at.isoformat() > first["expires_at"]
    assert accept(token()).status_code == 201


def test_one_address_waits_once(as_ann, invite):
    assert invite(as_ann).status_code == 201
    again = invite(as_ann, email="GUEST@example.com")
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert len(mail.outbox) == 1


def test_who_is_in_the_team_is_not_asked(as_ann, invite, vera):
    assert invite(as_ann, email=vera.email).json()["code"] == "already_exists"
    assert mail.outbox == []


def test_nobody_asks_above_their_own_role(as_vera, vera, ann, invite):
    vera.memberships.filter(team=ann.home_team).update(role=Role.ADMIN)
    team = str(ann.home_team_id)
    assert invite(as_vera, team=team, role="owner").json()["code"] == "forbidden_role"
    assert invite(as_vera, team=team, role="admin").status_code == 201


def test_a_team_sends_only_so_many_a_day(as_ann, invite, monkeypatch):
    monkeypatch.setattr(invitations, "MAILS_A_DAY", 1)
    assert invite(as_ann).status_code == 201
    refused = invite(as_ann, email="second@example.com")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")


def test_a_revoked_one_is_revoked_again_and_sent_no_more(as_ann, invite):
    path = f"/invitations/{invite(as_ann).json()['id']}"
    assert [as_ann.call("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert as_ann.call("POST", f"{path}/resend").status_code == 409
    assert AuditEvent.objects.filter(action="invitation.revoked").count() == 1
    assert invite(as_ann).status_code == 201


@pytest.mark.parametrize("status", ["pending", "accepted", "expired", "revoked"])
def test_the_list_can_be_of_one_status(as_ann, invite, status):
    invite(as_ann)
    found = as_ann.call("GET", f"/invitations?status={status}").json()
    assert len(found) == (status == "pending")


@pytest.mark.parametrize("email", ["", "no address", "a@b@c", "x" * 250 + "@example.com"])
def test_an_address_that_is_none_is_422(as_ann, invite, faults_at, email):
    assert [pointer for pointer, _ in faults_at(invite(as_ann, email=email))] == ["#/email"]


@pytest.mark.parametrize("wrong", ["", "x", "0" * 64, "ü" * 10])
def test_a_token_of_nothing_is_422(api, db, accept, faults_at, wrong):
    assert [pointer for pointer, _ in faults_at(accept(wrong))] == ["#/token"]
