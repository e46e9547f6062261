"""DELETE /auth/me: an account ends at once, can be had back for a week, and is then nobody's."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import audit, closing, factors, notices
from accounts.models import AuditEvent, Developer, Membership, Role, Session, Team
from apikeys.models import ApiKey
from protocol.problems import InvalidToken
from tests.accounts.conftest import HOME
from tests.codes import SECRET, app_code
from tests.conftest import PASSWORD
from wearables.models import EndUser

WEEK = timedelta(days=7, seconds=1)


@pytest.fixture
def close(api, sign_in, after_commit):
    """close(developer, **body) → the answer to their DELETE /auth/me; mail has left."""

    def close(developer, **body):
        signed_in = api.with_token(sign_in(developer, **HOME)["access_token"])
        with after_commit():
            return signed_in.call("DELETE", "/auth/me", {"password": PASSWORD, **body})

    return close


@pytest.fixture
def link():
    """link() → the path of the link in the last mail to whoever closed an account."""
    return lambda: re.search(r"http://127\.0\.0\.1:8000(/keep-account/\S+)", mail.outbox[-1].body)[1]


@pytest.fixture
def visitor(db):
    return Client(headers={"host": "127.0.0.1:8000"})


def test_it_ends_every_sign_in_and_key_at_once(ann, new_key, close, sign_in, api, me, refresh, guess):
    key, elsewhere = api.with_key(new_key()["key"]), sign_in(ann)
    browser = Session.open(ann, Session.Kind.BROWSER, (None, ""))
    answer = close(ann)
    assert answer.status_code == 202
    assert set(answer.json()) == {"message", "erased_at"}
    assert answer.json()["erased_at"].endswith("Z")
    assert me(elsewhere["access_token"]) == 401
    assert refresh(elsewhere["refresh_token"]).status_code == 401
    browser.refresh_from_db()
    assert browser.closed_at
    assert key.call("GET", "/users").status_code == 401
    assert guess(ann.email, PASSWORD).json()["code"] == "invalid_credentials"


def test_a_wrong_password_is_422_and_counted_and_closes_nothing(ann, as_ann, faults_at):
    answer = as_ann.call("DELETE", "/auth/me", {"password": "wrong"})
    assert faults_at(answer) == [("#/password", "incorrect_password")]
    assert faults_at(as_ann.call("DELETE", "/auth/me")) == [("#/password", "required")]
    answers = [as_ann.call("DELETE", "/auth/me", {"password": "wrong"}).status_code for _ in range(9)]
    assert answers == [422] * 8 + [429]
    ann.refresh_from_db()
    assert (ann.is_active, ann.closing_at) == (True, None)


def test_a_second_factor_is_asked_for_too(ann, as_ann, faults_at):
    factors.add_totp(ann, SECRET, app_code(ahead=-1), by=ann)
    answers = [
        as_ann.call("DELETE", "/auth/me", {"password": "wrong"}),
        as_ann.call("DELETE", "/auth/me", {"password": PASSWORD}),
        as_ann.call("DELETE", "/auth/me", {"password": PASSWORD, "otp": "000000"}),
        as_ann.call("DELETE", "/auth/me", {"password": PASSWORD, "otp": app_code(ahead=-1)}),
    ]
    assert [faults_at(answer) for answer in answers] == [
        [("#/password", "incorrect_password")],
        [("#/otp", "required")],
        [("#/otp", "incorrect_code")],
        [("#/otp", "incorrect_code")],
    ]
    assert as_ann.call("DELETE", "/auth/me", {"password": PASSWORD, "otp": app_code()}).status_code == 202


def test_a_wrong_code_is_a_failure_like_any_other(ann, as_ann):
    factors.add_totp(ann, SECRET, app_code(ahead=-1), by=ann)
    wrong = {"password": PASSWORD, "otp": "000000"}
    answers = [as_ann.call("DELETE", "/auth/me", wrong).status_code for _ in range(10)]
    assert answers == [422] * 9 + [429]


def test_a_team_with_others_keeps_an_owner(ann, vera, close, as_ann):
    answer = close(ann)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert answer.json()["teams"] == [str(ann.home_team_id)]
    assert "Ann's team" in answer.json()["detail"]
    assert as_ann.call("GET", "/auth/me").status_code == 200
    vera.memberships.filter(team=ann.home_team).update(role=Role.OWNER)
    assert close(ann).status_code == 202


def test_an_owner_who_cannot_sign_in_is_no_owner(ann, vera, close):
    vera.memberships.filter(team=ann.home_team).update(role=Role.OWNER)
    vera.disable(by=None)
    assert close(ann).status_code == 409


def test_a_shared_team_goes_on_and_its_owners_are_told(ann, vera, close, api, new_key):
    key = api.with_key(new_key()["key"])
    assert close(vera).status_code == 202
    assert key.call("GET", "/users").status_code == 200
    letters = {message.to[0]: message.body for message in mail.outbox}
    assert "vera@example.com closed their account" in letters["ann@example.com"]
    assert "/keep-account/" not in letters["ann@example.com"]
    assert "/keep-account/" in letters["vera@example.com"]


def test_the_link_in_the_mail_takes_it_back_once(ann, new_key, close, link, api, visitor, guess):
    key = api.with_key(new_key()["key"])
    close(ann)
    path = link()
    assert "ann@example.com" in visitor.get(path).text
    assert guess(ann.email, PASSWORD).status_code == 401, "looking changes nothing"
    assert visitor.post(path).url == "/sign-in/"
    assert guess(ann.email, PASSWORD).status_code == 200
    assert key.call("GET", "/users").status_code == 200
    assert visitor.get(path).status_code == 404
    assert visitor.post(path).status_code == 404
    said = AuditEvent.objects.filter(action__in=("developer.closed", "developer.reopened")).order_by("pk")
    assert [(event.action, event.actor_id, event.target_id) for event in said] == [
        ("developer.closed", ann.pk, ann.pk),
        ("developer.reopened", ann.pk, ann.pk),
    ]


def test_an_old_link_opens_no_later_closing(ann, close, link, visitor):
    close(ann)
    old = link()
    visitor.post(old)
    close(ann)
    assert visitor.get(old).status_code == 404
    assert visitor.get(link()).status_code == 200
    assert visitor.get(link() + "0").status_code == 404
    assert visitor.get(link().replace("keep-account/", "keep-account/0")).status_code == 404


def test_an_operator_takes_it_back_by_enabling(ann, close, bob):
    close(ann)
    ann.refresh_from_db()
    assert ann.enable(by=bob)
    assert (ann.is_active, ann.closing_at) == (True, None)
    assert closing.erase_accounts() == 0


def test_who_is_disabled_by_an_operator_has_no_way_back_by_link(ann):
    ann.disable(by=None)
    assert closing.reopen(ann, by=ann) is False
    ann.refresh_from_db()
    assert not ann.is_active


def test_before_the_week_is_over_nothing_is_lost(ann, new_key, close, time_machine):
    new_key()
    close(ann)
    ann.refresh_from_db()
    time_machine.move_to(ann.closing_at - timedelta(seconds=1), tick=False)
    assert closing.erase_accounts() == 0
    assert ApiKey.objects.count() == 1


def test_an_account_is_emptied_when_its_time_is_over_and_not_before(ann, close):
    assert closing.erase(ann, by=None) is False
    close(ann)
    assert closing.erase(ann, by=None) is False
    ann.refresh_from_db()
    assert ann.email == "ann@example.com"


@pytest.fixture
def erased(ann, bob, vera, new_key, close, time_machine, as_bob):
    """Ann, a week after: she had a key and a person of her own, and was in Bob's team, where she made a key."""
    Membership.objects.filter(team=ann.home_team, developer=vera).delete()
    Membership.objects.create(team=bob.home_team, developer=ann, role=Role.DEVELOPER)
    new_key(), new_key(team=str(bob.home_team_id), name="In Bob's team")
    EndUser.objects.register(team_id=ann.home_team_id, environment="live", by=ann, email="zoe@example.com")
    EndUser.objects.register(team_id=bob.home_team_id, environment="live", by=ann, email="max@example.com")
    audit.seal_waiting()
    notices.password_changed(ann)  # and the mail server is away
    close(ann)
    factors.add_totp(ann, SECRET, app_code(), by=ann)
    ann.refresh_from_db()
    time_machine.move_to(ann.closing_at + timedelta(seconds=1), tick=False)
    assert closing.erase_accounts() == 1
    return Developer.objects.get(pk=ann.pk)


def test_after_the_week_nothing_names_the_person(erased):
    assert not Authenticator.objects.exists()
    for model in (Developer, EmailAddress, Session, Team, Membership, ApiKey, EndUser, AuditEvent):
        text = str(list(model.objects.values()))
        assert "ann@example.com" not in text, model
        assert HOME["REMOTE_ADDR"] not in text, model
        assert HOME["HTTP_USER_AGENT"] not in text, model
    assert (erased.first_name, erased.last_name, str(erased)) == ("", "", "A closed account")
    assert not erased.has_usable_password()
    assert not erased.is_active


def test_after_the_week_the_id_stays_and_the_trail_verifies(erased, bob):
    key = ApiKey.objects.get()
    assert (key.name, key.created_by_id, key.team_id) == ("In Bob's team", erased.pk, bob.home_team_id)
    assert AuditEvent.objects.filter(actor_id=erased.pk).exists()
    assert AuditEvent.objects.get(action="developer.deleted").target_id == erased.pk
    audit.seal_waiting()
    assert list(audit.faults()) == []
    call_command("verify_audit", verbosity=0)


def test_a_team_that_nobody_is_in_is_removed_with_its_keys_and_people(erased, bob):
    assert [person.email for person in EndUser.objects.all()] == ["max@example.com"]
    assert erased.home_team_id is None
    event = AuditEvent.objects.get(action="team.removed")
    removed = event.data["removed"]
    assert (removed["apikey"], removed["enduser"]) == (1, 1)
    assert not {"membership", "developer"} & set(removed), "nobody was in it any more"
    assert not Team.objects.filter(pk=event.team_id).exists()
    assert Team.objects.filter(pk=bob.home_team_id).exists()


def test_nobody_gets_an_emptied_account_back(erased, bob):
    assert erased.enable(by=bob) is False
    assert closing.reopen(erased, by=bob) is False
    assert closing.erase_accounts() == 0
    assert Developer.objects.create_user("ann@example.com", PASSWORD).pk != erased.pk


def test_the_last_mail_is_the_only_one_that_still_waits(erased, mailoutbox):
    call_command("run_jobs", "--only", "send_mail")
    assert [message.subject for message in mailoutbox if message.to == ["ann@example.com"]][-2:] == [
        "Your account is closed",
        "Your account is deleted",
    ]


def test_the_home_of_somebody_who_left_it_can_be_removed_too(ann, vera, close, time_machine):
    vera.memberships.filter(team=vera.home_team).delete()
    Membership.objects.create(team=vera.home_team, developer=ann, role=Role.OWNER)
    vera.memberships.all().delete()
    close(ann)
    time_machine.move_to(timezone.now() + WEEK)
    assert closing.erase_accounts() == 1
    vera.refresh_from_db()
    assert (vera.home_team_id, vera.is_active) == (None, True)


def test_a_team_that_lost_its_other_owner_meanwhile_waits_for_an_operator(ann, vera, bob, close, time_machine):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.OWNER)
    close(ann)
    Membership.objects.filter(team=ann.home_team, developer=bob).delete()
    time_machine.move_to(timezone.now() + WEEK)
    assert closing.erase_accounts() == 1
    team = Team.objects.get(pk=ann.home_team_id)
    assert team.suspended_reason == "operator"
    assert [member.developer_id for member in team.memberships.all()] == [vera.pk]


def test_whatever_belongs_to_a_developer_goes_by_what_django_would_delete(ann):
    """A table that a later step adds is no exception."""
    related = {rows.model._meta.model_name for rows in closing._belonging_to(ann)}
    assert {"session", "membership", "emailaddress", "developer_groups"} <= related


def test_of_two_that_close_at_once_one_is_told_the_door(ann):
    closing.close(ann, by=ann)
    with pytest.raises(InvalidToken):
        closing.close(ann, by=ann)
    assert AuditEvent.objects.filter(action="developer.closed").count() == 1


def test_a_restore_voids_the_link_and_an_operator_still_opens_the_account(close, link, visitor, ann):
    close(ann)
    call_command("after_restore", since=timezone.now() - timedelta(hours=1), noinput=True, verbosity=0)
    assert visitor.get(link()).status_code == 404
    ann.refresh_from_db()
    assert ann.enable(by=None)
