"""`demo`."""

import json

import pytest

from accounts.models import AuditEvent, AuditSeal, Developer, Membership, Role, Session, Team
from apikeys.models import ApiKey
from openwearables import demo
from wearables.models import EndUser

pytestmark = pytest.mark.django_db


def everything():
    """Every row that isn't the audit trail, by id."""
    return {
        model.__name__: set(model.objects.values_list("pk", flat=True))
        for model in (Developer, Team, Membership, ApiKey, EndUser, Session)
    }


def test_it_fills_a_team_that_can_be_looked_around_in(manage):
    manage("demo")
    team = Team.objects.get(name="Demo Health")
    assert sorted(Membership.objects.filter(team=team).values_list("role", flat=True)) == [
        "developer",
        "owner",
        "viewer",
    ]
    assert {key.status for key in team.api_keys.all()} == {"active", "expired", "disabled", "revoked"}
    assert team.api_keys.exclude(rotated_from=None).count() == 1
    assert set(team.api_keys.values_list("environment", flat=True)) == {"test"}
    assert EndUser.objects.filter(team=team).count() == 40
    assert set(EndUser.objects.values_list("environment", flat=True)) == {"live", "test"}


def test_the_passwords_that_are_shown_sign_in(manage, api):
    for person in json.loads(manage("demo", "--json").out)["developers"]:
        login = {"username": person["email"], "password": person["password"]}
        assert api.call("POST", "/auth/login", login).status_code == 200


def test_no_two_runs_have_the_same_passwords(manage):
    first = {person["password"] for person in json.loads(manage("demo", "--json").out)["developers"]}
    manage("demo", "--remove")
    second = {person["password"] for person in json.loads(manage("demo", "--json").out)["developers"]}
    assert len(first | second) == 6


def test_again_changes_nothing_and_shows_no_password(manage):
    manage("demo")
    before = everything()
    said = manage("demo")
    assert said.out == ""
    assert "here already" in said.err
    assert everything() == before
    assert json.loads(manage("demo", "--json").out) == {"made": False, "team": "Demo Health", "developers": []}


def test_it_needs_an_empty_database_or_yes(manage, refused, ann):
    assert "say --yes" in refused("demo").error
    assert not demo.people().exists()
    manage("demo", "--yes")
    assert demo.people().count() == 3


def test_remove_takes_exactly_that_away(manage, ann, bob):
    ApiKey.objects.issue(team=ann.home_team, by=ann)
    EndUser.objects.register(team_id=ann.home_team_id, environment="live", by=ann, email="user1@demo.example.com")
    before = everything()
    manage("demo", "--yes")
    assert everything() != before
    assert manage("demo", "--remove").out == "The demo is gone.\n"
    assert everything() == before
    assert manage("demo", "--remove").out == "There is no demo here.\n"
    assert json.loads(manage("demo", "--remove", "--json").out) == {"removed": 0}


def test_remove_refuses_when_somebody_else_is_in_the_demo_team(manage, refused, ann):
    manage("demo", "--yes")
    Membership.objects.create(team=Team.objects.get(name="Demo Health"), developer=ann, role=Role.VIEWER)
    assert "ann@example.com is a member of a demo team" in refused("demo", "--remove").error
    assert demo.people().count() == 3


def test_the_audit_trail_keeps_it_all_and_stays_whole(manage):
    manage("demo")
    manage("seal_audit")
    manage("demo", "--remove")
    manage("seal_audit")
    assert AuditEvent.objects.filter(action="developer.deleted").count() == 3
    assert "2 seals hold" in manage("verify_audit").out
    assert AuditSeal.objects.count() == 2


def test_it_sends_no_mail(manage, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        manage("demo")
    assert mailoutbox == []
