"""/teams: made, listed, called otherwise."""

import pytest

from accounts import members
from accounts.models import AuditEvent, Team


def test_a_new_team_is_owned_by_who_made_it_and_is_no_home(as_ann, ann):
    made = as_ann.call("POST", "/teams", {"name": "Night shift"})
    assert made.status_code == 201
    assert made["Location"] == f"http://127.0.0.1:8000/api/v1/teams/{made.json()['id']}"
    assert set(made.json()) == {"id", "name", "role", "created_at", "suspended_at"}
    assert (made.json()["role"], made.json()["suspended_at"]) == ("owner", None)
    ann.refresh_from_db()
    assert str(ann.home_team_id) != made.json()["id"]
    event = AuditEvent.objects.get(action="team.created")
    assert (event.actor_id, str(event.team_id)) == (ann.pk, made.json()["id"])


def test_they_are_listed_newest_first_with_ones_own_role_and_the_next_page_in_link(as_vera, ann, vera):
    first = as_vera.call("GET", "/teams?limit=1")
    assert [team["id"] for team in first.json()] == [str(vera.home_team_id)]
    following = first["Link"].split("/api/v1")[1].split(">")[0]
    assert [(t["id"], t["role"]) for t in as_vera.call("GET", following).json()] == [(str(ann.home_team_id), "viewer")]


def test_a_suspended_team_is_shown_with_since_when(as_ann, ann):
    ann.home_team.suspend(by=None)
    assert as_ann.call("GET", f"/teams/{ann.home_team_id}").json()["suspended_at"].endswith("Z")


def test_an_owner_renames_and_the_same_again_leaves_no_trace(as_ann, ann):
    for _ in range(2):
        renamed = as_ann.call("PATCH", f"/teams/{ann.home_team_id}", {"name": "Day shift"})
        assert (renamed.status_code, renamed.json()["name"]) == (200, "Day shift")
    assert AuditEvent.objects.filter(action="team.changed").count() == 1


@pytest.mark.parametrize("name", ["", "x" * 101, "a\u202eb", 7])
def test_a_name_that_is_none_is_422(as_ann, faults_at, name):
    assert [pointer for pointer, _ in faults_at(as_ann.call("POST", "/teams", {"name": name}))] == ["#/name"]


def test_there_is_an_end_to_the_teams_of_one_person(as_ann, ann, monkeypatch):
    monkeypatch.setattr(members, "TEAMS_PER_DEVELOPER", 1)
    refused = as_ann.call("POST", "/teams", {"name": "One more"})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")
    assert Team.objects.of(ann).count() == 1
