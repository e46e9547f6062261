"""`create_api_key` and `revoke_api_key`."""

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Membership
from apikeys import keys
from apikeys.models import ApiKey

pytestmark = pytest.mark.django_db
FOR_ANN = ("create_api_key", "--email", "ANN@example.com")


def test_the_key_stands_alone_on_stdout_and_opens_the_api(manage, ann, api):
    said = manage(*FOR_ANN)
    assert said.out.endswith("\n")
    text = said.out[:-1]
    assert keys.parse(text).environment == "live"
    assert api.with_key(text).call("GET", "/users").status_code == 200
    assert text not in said.err
    assert keys.parse(text).prefix in said.err


def test_a_key_is_made_as_it_is_said(manage, ann):
    team = str(ann.home_team_id)
    said = manage(
        *("create_api_key", "--team", team, "--name", " Night job ", "--environment", "test"),
        *("--scopes", "data:read, users:read", "--expires-in-days", "30", "--json"),
    )
    key = ApiKey.objects.get()
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    answer = json.loads(said.out)
    assert keys.parse(answer.pop("key")).public_id == key.public_id
    assert answer == {
        "id": str(key.pk),
        "key_prefix": key.key_prefix,
        "team_id": team,
        "name": "Night job",
        "environment": "test",
        "scopes": ["users:read", "data:read"],
        "expires_at": key.expires_at.isoformat(),
    }


def test_making_a_key_is_audited_and_a_live_one_is_mailed(manage, ann, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        manage(*FOR_ANN)
    assert AuditEvent.objects.get(action="api_key.issued").actor_kind == "command"
    assert [mail.to for mail in mailoutbox] == [["ann@example.com"]]


def test_quiet_says_the_key_alone(manage, ann):
    assert manage(*FOR_ANN, "--verbosity", "0").err == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--scopes", "users:read,users:all"], "no scope 'users:all'"),
        (["--scopes", ""], "no scope ''"),
        (["--name", " "], "--name is 1 to 100"),
        (["--name", "x" * 101], "--name is 1 to 100"),
        (["--name", "two\nlines"], "--name is 1 to 100"),
        (["--expires-in-days", "0"], "--expires-in-days is 1 to 3650"),
        (["--expires-in-days", "9999999999"], "--expires-in-days is 1 to 3650"),
        (["--environment", "prod"], "invalid choice"),
    ],
    ids=lambda value: "" if isinstance(value, list) else value,
)
def test_it_refuses_a_key_that_cannot_be(refused, ann, words, why):
    said = refused(*FOR_ANN, *words)
    assert why in said.error
    assert said.out == ""
    assert not ApiKey.objects.exists()


def test_it_refuses_an_owner_that_cannot_be(refused, ann):
    assert "no such developer" in refused("create_api_key", "--email", "nobody@example.com").error
    assert "no such team" in refused("create_api_key", "--team", str(uuid.uuid4())).error
    assert "a UUID" in refused("create_api_key", "--team", "ours").error
    assert "required" in refused("create_api_key").error


def test_it_refuses_one_who_left_home_and_a_suspended_team(refused, ann):
    ann.home_team.suspend(by=None)
    assert "suspended" in refused(*FOR_ANN).error
    Membership.objects.all().delete()
    assert "left the home team" in refused(*FOR_ANN).error


def test_it_refuses_one_key_too_many(manage, refused, ann, settings):
    settings.API_KEYS_PER_TEAM = 1
    manage(*FOR_ANN)
    assert "This team has 1 keys already" in refused(*FOR_ANN).error


@pytest.fixture
def key(ann):
    """A live key of Ann's team and its whole text."""
    return ApiKey.objects.issue(team=ann.home_team, by=ann, name="Backend")


@pytest.mark.parametrize("named", ["id", "prefix", "prefix and more", "whole", "stdin"])
def test_it_revokes_the_key_however_it_is_named(manage, key, api, named):
    row, text = key
    word = {"id": str(row.pk), "prefix": row.key_prefix, "prefix and more": f"{row.key_prefix}_…", "whole": text}
    said = manage("revoke_api_key", word.get(named, "-"), stdin=f"{text}\n")
    assert said.out == f"Backend ({row.key_prefix}) of Ann's team is revoked. Calls with it now get 401.\n"
    assert text not in said.out + said.err
    assert api.with_key(text).call("GET", "/users").status_code == 401


def test_revoking_again_says_so_and_changes_nothing(manage, key):
    manage("revoke_api_key", str(key[0].pk))
    assert "was revoked already" in manage("revoke_api_key", str(key[0].pk)).out
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 1


def test_json_tells_what_changed(manage, key):
    answer = json.loads(manage("revoke_api_key", key[1], "--json").out)
    key[0].refresh_from_db()
    assert answer == {
        "id": str(key[0].pk),
        "key_prefix": key[0].key_prefix,
        "team_id": str(key[0].team_id),
        "revoked_at": key[0].revoked_at.isoformat(),
        "changed": True,
        "still_good": [],
    }
    assert json.loads(manage("revoke_api_key", key[1], "--json").out)["changed"] is False


def test_a_linked_key_that_is_still_good_is_named(manage, key, ann):
    successor, _ = key[0].rotate(by=ann)
    assert f"Still good: {successor.key_prefix}" in manage("revoke_api_key", key[0].key_prefix).err
    said = manage("revoke_api_key", successor.key_prefix)
    assert "Still good" not in said.err


@pytest.mark.parametrize(
    ("words", "kept"),
    [([], None), (["--compromised"], "compromised"), (["--compromised", "in a repo"], "compromised: in a repo")],
)
def test_the_reason_is_kept_in_the_audit(manage, key, words, kept):
    manage("revoke_api_key", str(key[0].pk), *words)
    assert AuditEvent.objects.get(action="api_key.revoked").data.get("reason") == kept


def test_a_key_pasted_into_the_reason_is_cut(manage, key):
    manage("revoke_api_key", str(key[0].pk), "--compromised", f"it was {key[1]}")
    assert key[1] not in AuditEvent.objects.get(action="api_key.revoked").data["reason"]


def test_it_refuses_what_names_no_key_and_never_repeats_it(refused, key):
    stranger = keys.mint("live").text
    for word in (stranger, stranger[:-1] + "!", "ow_live_short", "x", str(uuid.uuid4()), ""):
        said = refused("revoke_api_key", word)
        assert len(word) < 12 or word not in said.out + said.err + said.error
    assert ApiKey.objects.usable().count() == 1


def test_the_other_environment_s_prefix_names_no_key(refused, key):
    assert "no such key" in refused("revoke_api_key", key[0].key_prefix.replace("live", "test")).error
