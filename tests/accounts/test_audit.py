"""The audit trail: append-only by trigger, sealed in batches, and any change to it is found."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import audit, audit_triggers
from accounts.models import AuditEvent, AuditSeal
from accounts.models.audit import Action, record

EVENTS, SEALS = audit_triggers.EVENTS, audit_triggers.SEALS


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(sql, *values):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(sql, *values)
    return True


@pytest.fixture
def tampering():
    """Somebody with the database in hand: the triggers are gone."""
    audit_triggers.remove(connection)
    yield run
    audit_triggers.install(connection)


@pytest.fixture
def sealed(ann, bob):
    """Three seals over events of Ann's and Bob's."""
    list(audit.seal_all())
    for developer in (ann, bob):
        record(developer, Action.SESSION_OPENED, developer, kind="api")
        audit.seal_batch()
    return list(AuditSeal.objects.order_by("number"))


@pytest.mark.parametrize(
    "change",
    ["data = '[1]'", "action = 'x'", "actor_id = NULL", "address_hash = 'x'", "at = '2001-01-01'", "address = 'x'"],
)
def test_the_triggers_refuse_to_change_an_event(ann, change):
    assert refused(f"UPDATE {EVENTS} SET {change}")


def test_the_triggers_refuse_to_delete_events_and_to_touch_seals(sealed):
    assert refused(f"DELETE FROM {EVENTS}")
    assert refused(f"UPDATE {SEALS} SET mac = 'x'")
    assert refused(f"DELETE FROM {SEALS}")
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")  # no TRUNCATE while a foreign key waits for its check
        assert refused(f"TRUNCATE {EVENTS}")
        assert refused(f"TRUNCATE {SEALS} CASCADE")


def test_a_seal_is_set_once_and_never_again(sealed):
    assert refused(f"UPDATE {EVENTS} SET seal_id = NULL")
    assert not AuditEvent.objects.filter(seal=None).exists()


def test_an_address_and_an_agent_may_be_erased_without_breaking_the_chain(api, ann, sign_in):
    sign_in(ann, HTTP_USER_AGENT="Phone/1")
    list(audit.seal_all())
    AuditEvent.objects.update(address="", agent="")
    assert not AuditEvent.objects.exclude(agent="").exists()
    assert list(audit.faults()) == []


def test_a_whole_trail_has_no_faults(sealed):
    assert [seal.number for seal in sealed] == [1, 2, 3]
    assert list(audit.faults()) == []
    assert list(audit.faults({1: sealed[0].mac})) == []


def test_nothing_to_seal_makes_no_seal(sealed):
    assert audit.seal_batch() is None


def test_a_late_event_falls_into_the_next_batch(sealed, ann):
    record(ann, Action.SESSION_CLOSED, ann)
    assert list(audit.faults()) == []
    assert audit.seal_batch().number == 4
    assert list(audit.faults()) == []


def test_large_trails_are_sealed_in_batches(ann, bob, monkeypatch):
    monkeypatch.setattr(audit, "BATCH", 1)
    assert len(list(audit.seal_all())) == AuditEvent.objects.count() == 2
    assert list(audit.faults()) == []


def test_a_seal_is_printed_to_the_log_as_an_anchor(ann, caplog, after_commit):
    with caplog.at_level("INFO", "accounts.audit"), after_commit():
        seal = audit.seal_batch()
    assert f"{seal.number}:{seal.mac}" in caplog.text


def first_event(number):
    return AuditEvent.objects.filter(seal_id=number).order_by("pk").first().pk.hex


def test_a_changed_event_is_found(sealed, tampering):
    tampering(f"UPDATE {EVENTS} SET action = 'x' WHERE seal_id = 2")
    (fault,) = audit.faults()
    assert fault.endswith("in seal 2: it was changed, or added by another hand")


def test_an_event_that_is_not_sealed_yet_is_watched_too(ann, tampering):
    assert list(audit.faults()) == []
    tampering(f"UPDATE {EVENTS} SET action = 'x' WHERE seal_id IS NULL")
    (fault,) = audit.faults()
    assert "not sealed yet: it was changed" in fault


@pytest.mark.parametrize("column", ["address", "agent"])
def test_a_changed_address_or_agent_is_found(sealed, tampering, column):
    tampering(f"UPDATE {EVENTS} SET {column} = '9.9.9.9' WHERE seal_id = 2")
    (fault,) = audit.faults()
    assert f"its {column} was changed" in fault


def test_a_cut_event_is_found(sealed, tampering):
    tampering(f"DELETE FROM {EVENTS} WHERE seal_id = 3")
    assert list(audit.faults()) == ["seal 3 was over 1 events and now has 0"]


def test_a_cut_seal_is_found(sealed, tampering):
    tampering(f"DELETE FROM {EVENTS} WHERE seal_id = 2")
    tampering(f"DELETE FROM {SEALS} WHERE number = 2")
    assert list(audit.faults()) == ["seal 2 is missing", "seal 3 does not follow the seal before it"]


def test_a_trail_that_was_cut_at_its_end_is_found_by_an_anchor(sealed, tampering):
    tampering(f"DELETE FROM {EVENTS} WHERE seal_id = 3")
    tampering(f"DELETE FROM {SEALS} WHERE number = 3")
    assert list(audit.faults()) == []
    assert list(audit.faults({3: sealed[2].mac})) == ["seal 3 has an anchor and is missing"]


def test_a_trail_that_was_made_anew_is_found_by_an_anchor(sealed):
    assert list(audit.faults({2: "0" * 64})) == ["seal 2 differs from its anchor"]


def test_a_trail_under_another_key_is_found(sealed, settings):
    settings.AUDIT_KEY = "tests-Other-Au3kq0Zr8mWcXv5nB2uJtL7dG"
    found = list(audit.faults())
    assert sum(fault.startswith("seal") for fault in found) == 3
    assert sum(fault.startswith("event") for fault in found) == AuditEvent.objects.count()


def test_events_hold_ids_and_neither_names_nor_addresses_of_mail(as_ann, ann):
    as_ann.call("PATCH", "/auth/me", {"last_name": "Unmistakable"})
    rows = str(list(AuditEvent.objects.values()))
    assert "Unmistakable" not in rows
    assert ann.email not in rows


def test_an_event_names_its_actor_whoever_it_was(ann):
    record(None, Action.TEAM_CHANGED, ann.home_team, team=ann.home_team_id)
    record("command", Action.TEAM_CHANGED, ann.home_team)
    kinds = AuditEvent.objects.filter(action="team.changed").order_by("pk").values_list("actor_kind", "actor_id")
    assert list(kinds) == [("system", None), ("command", None)]


def test_events_and_seals_say_what_they_are(sealed):
    assert str(sealed[0]) == "Seal 1"
    assert str(AuditEvent.objects.filter(seal_id=2).get()).startswith("session.opened at 20")
    assert uuid.UUID(first_event(2)).version == 7
