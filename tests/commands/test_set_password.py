"""`set_password`, and Django's two commands whose names lead to ours."""

import json
import re

import pytest
from django.core import mail

from accounts.models import AuditEvent, Developer, Session
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "an entirely different phrase"


@pytest.fixture
def opens(api, ann):
    """opens(password) → whether Ann can sign in with it."""

    def opens(password):
        answer = api.call("POST", "/auth/login", {"username": ann.email, "password": password})
        return answer.status_code == 200

    return opens


@pytest.mark.parametrize("command", ["set_password", "changepassword"])
def test_only_the_new_password_opens_and_every_sign_in_is_over(command, manage, as_ann, ann, opens):
    said = manage(command, "ANN@example.com", "--password", NEW)
    assert said.out == "ann@example.com has a new password. 1 sign-in ended.\n"
    assert as_ann.call("GET", "/auth/me").status_code == 401
    assert (opens(PASSWORD), opens(NEW)) == (False, True)


@pytest.mark.parametrize("command", ["set_password", "changepassword"])
def test_its_act_is_audited_as_a_command_and_the_owner_is_told(command, manage, ann):
    manage(command, ann.email, "--password", NEW)
    event = AuditEvent.objects.get(action="password.changed")
    assert (event.actor_kind, event.target_id) == ("command", ann.pk)
    assert [message.to for message in mail.outbox] == [[ann.email]]


def test_somebody_who_never_had_a_password_gets_one(manage, opens, ann):
    ann.set_unusable_password()
    ann.save()
    manage("set_password", ann.email, "--password", NEW)
    assert opens(NEW)


def test_json_says_how_many_sign_ins_ended_and_no_password(manage, as_ann, ann):
    said = manage("set_password", ann.email, "--password", NEW, "--json")
    assert json.loads(said.out) == {
        "id": str(ann.pk),
        "email": "ann@example.com",
        "is_active": True,
        "ended_sessions": 1,
    }
    assert NEW not in said.out + said.err


def test_a_dash_reads_the_password_from_stdin_as_it_is(manage, ann):
    manage("set_password", ann.email, "--password", "-", stdin=f" {NEW} \nnot this line\n")
    ann.refresh_from_db()
    assert ann.check_password(f" {NEW} ")


def test_it_takes_the_password_from_the_environment(manage, monkeypatch, ann):
    monkeypatch.setenv("OW_PASSWORD", NEW)
    manage("set_password", ann.email, "--noinput")
    ann.refresh_from_db()
    assert ann.check_password(NEW)


def test_it_asks_on_a_terminal_until_two_passwords_agree(manage, at_a_terminal, ann):
    asked = at_a_terminal("short", NEW, "another one entirely", NEW, NEW)
    said = manage("set_password", ann.email)
    ann.refresh_from_db()
    assert ann.check_password(NEW)
    assert asked == ["Password: ", "Password: ", "Password (again): ", "Password: ", "Password (again): "]
    assert "too short" in said.err
    assert "differ" in said.err


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "too short"), ("password1234", "too common"), ("", "empty"), ("ann@example.com", "too similar")],
)
def test_a_bad_password_changes_nothing(password, why, refused, as_ann, ann):
    assert re.search(f"(?i){why}", refused("set_password", ann.email, "--password", password).error)
    assert as_ann.call("GET", "/auth/me").status_code == 200
    assert not AuditEvent.objects.filter(action="password.changed").exists()


def test_noinput_never_asks(at_a_terminal, refused, ann):
    asked = at_a_terminal()
    assert "Say --password" in refused("set_password", ann.email, "--noinput").error
    assert asked == []


def test_an_unknown_address_is_said(refused, ann):
    assert "Nobody has this" in refused("set_password", "nobody@example.com", "--password", NEW).error


def test_a_disabled_account_is_said_to_stay_closed(manage, ann):
    ann.disable(by=None)
    assert "is disabled" in manage("set_password", ann.email, "--password", NEW).err
    assert not Session.objects.live().exists()


def test_quiet_says_nothing(manage, ann):
    said = manage("set_password", ann.email, "--password", NEW, "--verbosity", "0")
    assert (said.out, said.err) == ("", "")


def test_createsuperuser_is_audited_as_a_command_and_obeys_the_rules(manage, refused):
    boss = ("createsuperuser", "--email", "boss@example.com", "--noinput")
    assert "too short" in refused(*boss, "--password", "short").error
    manage(*boss, "--password", PASSWORD)
    developer = Developer.objects.get(email="boss@example.com")
    assert (developer.is_staff, developer.is_superuser) == (True, True)
    assert developer.role_in(developer.home_team_id) == "owner"
    [event] = AuditEvent.objects.filter(action="developer.created")
    assert (event.actor_kind, event.target_id) == ("command", developer.pk)
