"""An account that somebody signed up for and nobody proved the address of is nobody's after a week."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import audit, closing, emails, invitations, notices
from accounts.models import AuditEvent, Developer, Invitation, Membership, Role, Team, WaitingMail
from apikeys.models import ApiKey
from protocol.problems import InvalidToken
from tests.accounts.conftest import HOME
from wearables.models import EndUser

NORA = {"email": "nora@example.com", "password": "a password of her own", "first_name": "Nora"}
WEEK = timedelta(days=7, seconds=1)


@pytest.fixture
def nora(api, settings, db):
    """Signed up over the API, from home; her mail waits."""
    settings.SIGNUP_OPEN = True
    assert api.call("POST", "/auth/register", NORA, **HOME).status_code == 202
    return Developer.objects.get(email=NORA["email"])


@pytest.fixture
def pass_time(time_machine):
    """pass_time(span): the clock moves on by it."""
    return lambda span: time_machine.move_to(timezone.now() + span)


def test_after_a_week_nothing_of_it_is_left_but_its_id(nora, pass_time, api):
    pass_time(WEEK)
    call_command("run_jobs", "--only", "erase_accounts", verbosity=0)
    for model in (Developer, EmailAddress, Team, Membership, WaitingMail, AuditEvent):
        text = str(list(model.objects.values()))
        for word in (NORA["email"], "Nora", HOME["REMOTE_ADDR"]):
            assert word not in text, model
    nora.refresh_from_db()
    assert not nora.is_active and nora.erased_at and not nora.has_usable_password()
    assert not Team.objects.exists()
    said = AuditEvent.objects.get(action="developer.deleted")
    assert (said.actor_kind, said.target_id, said.data) == ("system", nora.pk, {"reason": "never_verified"})
    audit.seal_waiting()
    assert list(audit.faults()) == []


def test_nobody_is_written_to_and_the_mail_and_its_link_are_gone(nora, pass_time, letters):
    (letter,) = letters()
    path = re.search(r"http://[^/]+(/\S+)", letter.body)[1]
    visitor = Client(headers={"host": "127.0.0.1:8000"})
    pass_time(timedelta(days=2))
    assert visitor.get(path, follow=True).status_code == 200
    Developer.objects.update(updated_at=timezone.now() - WEEK)
    assert closing.erase_accounts() == 1
    assert letters() == []
    assert visitor.get(path, follow=True).status_code == 404


def test_within_the_week_it_stays(nora, pass_time):
    pass_time(timedelta(days=6, hours=23))
    assert closing.erase_accounts() == 0
    assert Developer.objects.get().email == NORA["email"]


def test_signing_up_again_or_asking_for_the_mail_again_begins_a_new_week(nora, pass_time, api, time_machine):
    pass_time(timedelta(days=6))
    emails.send_again(NORA["email"])
    pass_time(timedelta(days=6))
    assert closing.erase_accounts() == 0
    assert api.call("POST", "/auth/register", NORA).status_code == 202
    pass_time(timedelta(days=6))
    assert closing.erase_accounts() == 0
    pass_time(timedelta(days=1, seconds=1))
    assert closing.erase_accounts() == 1


def test_the_address_may_sign_up_anew_and_that_account_is_another(nora, pass_time, api):
    pass_time(WEEK)
    closing.erase_accounts()
    assert api.call("POST", "/auth/register", NORA).status_code == 202
    assert Developer.objects.get(email=NORA["email"]).pk != nora.pk


def test_many_go_chunk_by_chunk(db, monkeypatch):
    monkeypatch.setattr(closing, "LOOK", 2)
    for number in range(5):
        Developer.objects.create_user(f"nobody{number}@example.com", None, verified=False)
    Developer.objects.update(updated_at=timezone.now() - WEEK)
    assert closing.erase_accounts() == 5
    assert closing.erase_accounts() == 0


def test_who_proved_the_address_stays_for_ever(nora, ann, pass_time):
    emails.prove(nora)
    pass_time(timedelta(days=400))
    assert closing.erase_accounts() == 0
    assert closing.erase(nora, by=None) is False


def test_another_address_that_waits_for_its_proof_is_no_reason(ann, pass_time):
    emails.ask_change(ann, "ann@new.example.com", by=ann)
    pass_time(timedelta(days=400))
    assert closing.erase_accounts() == 0


def test_who_was_made_by_an_operator_stays(pass_time, db):
    call_command("create_developer", email="olga@example.com", password="a password of an operator's", verbosity=0)
    pass_time(timedelta(days=400))
    assert closing.erase_accounts() == 0


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_whom_an_operator_gave_rights_or_disabled_is_the_operators_to_judge(nora, pass_time, rights):
    Developer.objects.filter(pk=nora.pk).update(**rights)
    pass_time(WEEK)
    assert closing.erase_accounts() == 0


def test_who_is_invited_keeps_the_account_until_the_invitation_is_over(nora, ann, pass_time):
    pass_time(timedelta(days=6))
    invitations.invite(ann.home_team, by=ann, email=nora.email, role=Role.VIEWER)
    pass_time(timedelta(days=2))
    assert closing.erase_accounts() == 0
    pass_time(timedelta(days=6))
    assert closing.erase_accounts() == 1
    assert Invitation.objects.get().status == "expired", "it is the team's, not Nora's"


def in_anothers_team(nora, ann):
    Membership.objects.create(team=ann.home_team, developer=nora, role=Role.VIEWER)


def another_in_their_team(nora, ann):
    Membership.objects.create(team=nora.home_team, developer=ann, role=Role.OWNER)


def a_key_in_their_team(nora, ann):
    ApiKey.objects.issue(team=nora.home_team, by=ann, environment="test")


def a_person_in_their_team(nora, ann):
    EndUser.objects.register(team_id=nora.home_team_id, environment="live", by=ann, email="zoe@example.com")


@pytest.mark.parametrize(
    "counted_on", [in_anothers_team, another_in_their_team, a_key_in_their_team, a_person_in_their_team]
)
def test_what_others_count_on_stays(nora, ann, pass_time, counted_on):
    counted_on(nora, ann)
    pass_time(WEEK)
    assert closing.erase_accounts() == 0
    assert closing.erase(nora, by=None) is False
    nora.refresh_from_db()
    assert nora.email == NORA["email"]


def test_a_link_that_was_opened_at_the_last_moment_proves_nothing_of_a_deleted_account(nora, pass_time):
    read_before = Developer.objects.get(pk=nora.pk)
    pass_time(WEEK)
    closing.erase_accounts()
    with pytest.raises(InvalidToken):
        emails.prove(read_before)
    assert not EmailAddress.objects.exists()


def test_the_mails_of_others_stay(nora, ann, pass_time):
    notices.password_changed(ann)
    pass_time(WEEK)
    closing.erase_accounts()
    assert [mail.recipient for mail in WaitingMail.objects.all()] == [ann.email]
