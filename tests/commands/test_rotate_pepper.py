"""`rotate_pepper`, and the start that a missing pepper stops. The tests' peppers are p2 (digests) and p1."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from apikeys import checks
from apikeys.checks import every_usable_key_has_its_pepper, refuse_unknown_peppers
from apikeys.models import ApiKey

pytestmark = pytest.mark.django_db


def as_set(text):
    return dict(part.split(":") for part in text.strip().split(","))


@pytest.fixture
def key(ann):
    """A usable key of Ann's team, under p2, and its whole text."""
    return ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])


def test_it_prints_the_value_with_a_new_pepper_last_and_nothing_else(manage):
    said = manage("rotate_pepper")
    assert list(as_set(said.out))[:2] == ["p2", "p1"]
    assert len(as_set(said.out)) == 3
    assert said.out.count("\n") == 1
    assert "tests-" not in said.err


def test_a_promoted_pepper_digests_new_keys_and_old_keys_stay_good(manage, settings, api, ann, key):
    settings.API_KEY_PEPPERS = as_set(manage("rotate_pepper").out)
    settings.API_KEY_PEPPERS = as_set(manage("rotate_pepper", "--promote").out)
    new, new_text = ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])
    assert new.pepper_id == next(iter(settings.API_KEY_PEPPERS)) != "p2"
    for text in (key[1], new_text):
        assert api.with_key(text).call("GET", "/users").status_code == 200


def test_promote_refuses_what_does_not_wait(refused):
    assert "No pepper waits" in refused("rotate_pepper", "--promote").error
    assert "no pepper p9" in refused("rotate_pepper", "--promote", "p9").error
    assert "p2 is first already" in refused("rotate_pepper", "--promote", "p2").error


def test_status_counts_the_keys_left_on_each_pepper(manage, ann, key):
    ApiKey.objects.issue(team=ann.home_team, by=ann)[0].disable(by=ann)
    ApiKey.objects.issue(team=ann.home_team, by=ann)[0].revoke(by=ann)
    lost, _ = ApiKey.objects.issue(team=ann.home_team, by=ann)
    ApiKey.objects.filter(pk=lost.pk).update(pepper_id="p0")
    assert json.loads(manage("rotate_pepper", "--status", "--json").out) == {
        "digests": "p2",
        "peppers": [
            {"pepper": "p2", "configured": True, "usable": 1, "asleep": 1},
            {"pepper": "p1", "configured": True, "usable": 0, "asleep": 0},
            {"pepper": "p0", "configured": False, "usable": 1, "asleep": 0},
        ],
    }
    assert manage("rotate_pepper", "--status").out.splitlines() == [
        "p2 digests new keys; 1 usable keys, 1 disabled or suspended.",
        "p1 only verifies; 0 usable keys: it can be taken out.",
        "p0 IS NOT CONFIGURED; 1 usable keys.",
    ]


def test_compromised_puts_a_fresh_pepper_first_and_revokes_nothing(manage, key):
    said = manage("rotate_pepper", "--compromised", "p2")
    assert list(as_set(said.out))[1:] == ["p2", "p1"]
    assert "alone tells nobody a key" in said.err
    assert ApiKey.objects.usable().count() == 1


def test_lost_revokes_the_keys_under_that_pepper_alone(manage, ann, key):
    other, _ = ApiKey.objects.issue(team=ann.home_team, by=ann)
    ApiKey.objects.filter(pk=other.pk).update(pepper_id="p0")
    said = manage("rotate_pepper", "--lost", "p0")
    assert said.out == ""
    assert "Revoked 1 keys under p0" in said.err
    assert list(ApiKey.objects.usable()) == [key[0]]


def test_lost_asks_on_a_terminal_and_says_when_nothing_needs_it(refused, at_a_terminal, key):
    at_a_terminal("no")
    assert "Cancelled" in refused("rotate_pepper", "--lost", "p2").error
    assert ApiKey.objects.usable().count() == 1
    assert "No key needs p9" in refused("rotate_pepper", "--lost", "p9").error


def test_write_changes_the_line_in_the_file(manage, settings, tmp_path):
    settings.ENV_FILE = tmp_path / ".env"
    old = ",".join(f"{ident}:{secret}" for ident, secret in settings.API_KEY_PEPPERS.items())
    settings.ENV_FILE.write_text(f"API_KEY_PEPPERS={old}\n")
    assert manage("rotate_pepper", "--write").out == ""
    assert settings.ENV_FILE.read_text().startswith(f"API_KEY_PEPPERS={old},p2")


def test_a_usable_key_without_its_pepper_stops_the_start_and_is_a_check_error(key, settings):
    refuse_unknown_peppers()
    assert every_usable_key_has_its_pepper(None, ["default"]) == []
    settings.API_KEY_PEPPERS = {"p1": settings.API_KEY_PEPPERS["p1"]}
    with pytest.raises(ImproperlyConfigured, match=r"^API_KEY_PEPPERS: missing p2 \(usable keys: 1\): .*--lost p2$"):
        refuse_unknown_peppers()
    assert [error.id for error in every_usable_key_has_its_pepper(None, ["default"])] == ["apikeys.E001"]


def test_a_key_that_opens_nothing_stops_nothing(key, settings, ann):
    settings.API_KEY_PEPPERS = {"p1": settings.API_KEY_PEPPERS["p1"]}
    key[0].revoke(by=ann)
    refuse_unknown_peppers()


def test_a_database_that_is_away_or_empty_does_not_stop_the_start(key, settings, monkeypatch):
    settings.API_KEY_PEPPERS = {"p1": settings.API_KEY_PEPPERS["p1"]}
    with monkeypatch.context() as patch:
        patch.setattr(connection.introspection, "table_names", lambda: ["django_migrations"])
        refuse_unknown_peppers()

    def away(using="default"):
        raise DatabaseError("connection refused")

    monkeypatch.setattr(checks, "unknown_peppers", away)
    refuse_unknown_peppers()
    assert every_usable_key_has_its_pepper(None, ["default"]) == []


def test_without_databases_the_check_asks_none(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert every_usable_key_has_its_pepper(None, None) == []
