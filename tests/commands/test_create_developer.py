"""`create_developer`."""

import json
import re

import pytest

from accounts.models import AuditEvent, Developer
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = ("create_developer", "--email", "New@Example.com")


def test_it_makes_a_developer_who_can_sign_in(manage, sign_in):
    said = manage(*NEW, "--password", PASSWORD)
    developer = Developer.objects.get()
    assert said.out == "new@example.com can sign in now, as a developer.\n"
    assert (developer.is_staff, developer.is_superuser) == (False, False)
    assert developer.role_in(developer.home_team_id) == "owner"
    assert sign_in(developer)["access_token"]


def test_its_act_is_audited_as_a_command(manage):
    manage(*NEW, "--password", PASSWORD)
    event = AuditEvent.objects.get(action="developer.created")
    assert (event.actor_kind, event.target_id) == ("command", Developer.objects.get().pk)


@pytest.mark.parametrize(("flag", "staff", "superuser"), [("--staff", True, False), ("--superuser", True, True)])
def test_staff_and_superusers_may_open_the_admin(manage, flag, staff, superuser):
    manage(*NEW, "--password", PASSWORD, flag)
    developer = Developer.objects.get()
    assert (developer.is_staff, developer.is_superuser) == (staff, superuser)


def test_json_names_what_was_made_and_no_password(manage):
    said = manage(*NEW, "--password", PASSWORD, "--json")
    developer = Developer.objects.get()
    assert json.loads(said.out) == {
        "id": str(developer.pk),
        "email": "new@example.com",
        "team_id": str(developer.home_team_id),
        "is_staff": False,
        "is_superuser": False,
    }
    assert PASSWORD not in said.out + said.err


def test_a_dash_reads_the_password_from_stdin_as_it_is(manage):
    manage(*NEW, "--password", "-", stdin=f" {PASSWORD} \nnot this line\n")
    assert Developer.objects.get().check_password(f" {PASSWORD} ")


def test_it_takes_both_from_the_environment(manage, monkeypatch):
    monkeypatch.setenv("OW_EMAIL", "env@example.com")
    monkeypatch.setenv("OW_PASSWORD", PASSWORD)
    manage("create_developer", "--noinput")
    assert Developer.objects.get().email == "env@example.com"
    assert Developer.objects.get().check_password(PASSWORD)


def test_it_asks_on_a_terminal_until_two_passwords_agree(manage, at_a_terminal):
    asked = at_a_terminal("new@example.com", "short", PASSWORD, "another one entirely", PASSWORD, PASSWORD)
    said = manage("create_developer")
    assert Developer.objects.get().check_password(PASSWORD)
    assert asked[0] == "E-mail: "
    assert "too short" in said.err
    assert "differ" in said.err


def test_noinput_never_asks(at_a_terminal, refused):
    asked = at_a_terminal()
    assert "Say --password" in refused(*NEW, "--noinput").error
    assert "Say --email" in refused("create_developer", "--password", PASSWORD, "--noinput").error
    assert asked == []


def test_without_a_terminal_it_says_what_is_missing(refused):
    assert "Say --password" in refused(*NEW).error


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "too short"), ("password1234", "too common"), ("", "empty"), ("new@example.com", "too similar")],
)
def test_it_refuses_a_bad_password(password, why, refused):
    assert re.search(f"(?i){why}", refused(*NEW, "--password", password).error)
    assert not Developer.objects.exists()


@pytest.mark.parametrize("email", ["nobody", "a@b@c.com", "a b@example.com"])
def test_it_refuses_what_is_no_address(email, refused):
    assert "not an e-mail" in refused("create_developer", "--email", email, "--password", PASSWORD).error


def test_it_says_when_the_address_exists_whatever_its_case(ann, refused):
    assert (
        "ann@example.com exists already"
        in refused("create_developer", "--email", "ANN@example.com", "--password", PASSWORD).error
    )
    assert Developer.objects.count() == 1


def test_quiet_says_nothing(manage):
    assert manage(*NEW, "--password", PASSWORD, "--verbosity", "0").out == ""
