"""The audit trail: append-only on both databases, sealed and verified by commands."""

import json
import re

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import audit_triggers
from accounts.checks import audit_is_append_only, missing_triggers
from accounts.models import AuditEvent, AuditSeal, audit

pytestmark = pytest.mark.django_db
EVENTS, SEALS = audit_triggers.EVENTS, audit_triggers.SEALS


@pytest.fixture
def trail(ann, bob, manage):
    """Two seals over two events each; answers the anchors as they were printed."""
    anchors = [manage("seal_audit").out]
    audit.record("command", audit.Action.TEAM_CHANGED, ann.home_team)
    audit.record("command", audit.Action.TEAM_CHANGED, bob.home_team)
    anchors.append(manage("seal_audit").out)
    return [re.search(r"\d+:[0-9a-f]{64}", text)[0] for text in anchors]


@pytest.fixture
def tampered():
    """tampered(sql): what somebody does who can write to the database and knows of the triggers."""

    def tampered(statement, *values):
        audit_triggers.remove(connection)
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.rowcount == 1
        audit_triggers.install(connection)

    return tampered


def database_refuses(statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return True


REFUSED = [f"UPDATE {EVENTS} SET {name} = {name} || 'x'" for name in ("action", "actor_kind", "request_id")]
REFUSED += [f"UPDATE {EVENTS} SET at = '2020-01-01 00:00:00'", f"UPDATE {EVENTS} SET team_id = NULL"]
REFUSED += [
    f"UPDATE {EVENTS} SET address = 'x'",
    f"UPDATE {EVENTS} SET agent = 'x'",
    f"UPDATE {EVENTS} SET seal_id = NULL",
]
REFUSED += [f"UPDATE {EVENTS} SET salt = 'x'"]
REFUSED += [f"DELETE FROM {EVENTS}", f"UPDATE {SEALS} SET events = 1", f"DELETE FROM {SEALS}"]


@pytest.mark.parametrize("statement", REFUSED)
def test_after_migrate_the_database_refuses(trail, statement):
    assert database_refuses(statement)


def test_postgresql_refuses_truncate_too(db):  # empty: a row with a foreign key to check would refuse it as well
    if connection.vendor == "postgresql":
        assert database_refuses(f"TRUNCATE {EVENTS}")
        assert database_refuses(f"TRUNCATE {SEALS} CASCADE")


def test_erasing_address_and_agent_is_allowed_and_the_trail_still_verifies(trail, manage):
    assert AuditEvent.objects.update(address="", agent="") == 4
    assert "whole" in manage("verify_audit").out


def test_a_dropped_trigger_is_warned_of(trail):
    assert audit_is_append_only(None, ["default"]) == []
    with connection.cursor() as cursor:
        table = f" ON {SEALS}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {SEALS}_no_delete{table}")
    assert missing_triggers(connection)
    assert [warning.id for warning in audit_is_append_only(None, ["default"])] == ["accounts.W001"]


def test_sealing_says_how_many_and_the_anchor(ann, bob, manage):
    said = manage("seal_audit")
    seal = AuditSeal.objects.get()
    assert said.out == f"Sealed 2 events. Anchor: 1:{seal.mac}\n"
    assert manage("seal_audit").out == "Nothing waits for a seal.\n"


def test_sealing_is_quiet_at_verbosity_0(ann, manage):
    said = manage("seal_audit", "--verbosity", "0")
    assert said.out == said.err == ""
    assert AuditSeal.objects.count() == 1


def test_a_whole_trail_verifies(trail, manage):
    said = manage("verify_audit", "--anchor", *trail)
    assert said.out == "The audit trail is whole: 2 seals hold.\n"
    assert said.err == ""


def test_an_empty_trail_is_whole(db, manage):
    assert "0 seals hold" in manage("verify_audit").out


def test_it_says_what_is_not_sealed_yet(trail, ann, manage):
    audit.record("command", audit.Action.TEAM_CHANGED, ann.home_team)
    assert "1 events since" in manage("verify_audit").err


def test_json_tells_all(trail, manage):
    assert json.loads(manage("verify_audit", "--json").out) == {
        "whole": True,
        "faults": [],
        "seals": 2,
        "unsealed": 0,
        "unsealed_since": None,
    }


def test_a_changed_event_is_named(trail, tampered, refused):
    event = AuditEvent.objects.filter(seal=1).first()
    tampered(f"UPDATE {EVENTS} SET action = 'x' WHERE id = %s", _key(event))
    assert f"event {event.pk} in seal 1: it was changed" in refused("verify_audit").error


def test_a_changed_address_is_named_by_its_event(trail, tampered, refused):
    event = AuditEvent.objects.filter(seal=2).first()
    tampered(f"UPDATE {EVENTS} SET address = '192.0.2.9' WHERE id = %s", _key(event))
    assert re.search(f"event {event.pk} in seal 2: its address was changed", refused("verify_audit").error)


def test_a_cut_event_is_named_by_its_seal(trail, tampered, refused):
    event = AuditEvent.objects.filter(seal=2).first()
    tampered(f"DELETE FROM {EVENTS} WHERE id = %s", _key(event))
    assert "seal 2 was over 2 events and now has 1" in refused("verify_audit").error


def test_an_added_event_is_named_by_its_seal(trail, ann, tampered, refused):
    audit.record("command", audit.Action.TEAM_CHANGED, ann.home_team)
    tampered(f"UPDATE {EVENTS} SET seal_id = 1 WHERE seal_id IS NULL")
    assert "seal 1 was over 2 events and now has 3" in refused("verify_audit").error


def test_a_cut_seal_is_named(trail, tampered, refused):
    tampered(f"UPDATE {EVENTS} SET seal_id = 2 WHERE id = %s", _key(AuditEvent.objects.filter(seal=1).first()))
    tampered(f"UPDATE {EVENTS} SET seal_id = 2 WHERE id = %s", _key(AuditEvent.objects.filter(seal=1).first()))
    tampered(f"DELETE FROM {SEALS} WHERE number = 1")
    assert "seal 1 is missing" in refused("verify_audit").error


def test_a_changed_seal_is_named(trail, tampered, refused):
    tampered(f"UPDATE {SEALS} SET mac = '{'0' * 64}' WHERE number = 1")
    assert "seal 1 does not match" in refused("verify_audit").error


def test_a_trail_that_was_cut_and_sealed_anew_differs_from_its_anchors(trail, tampered, manage, refused):
    audit_triggers.remove(connection)
    AuditEvent.objects.update(seal=None)
    AuditSeal.objects.all().delete()
    AuditEvent.objects.order_by("pk").first().delete()
    audit_triggers.install(connection)
    manage("seal_audit")
    assert "whole" in manage("verify_audit").out
    assert "seal 1 differs from its anchor" in refused("verify_audit", "--anchor", *trail).error
    assert "seal 2 has an anchor and is missing" in refused("verify_audit", "--anchor", trail[1]).error


def test_json_lists_every_fault_and_still_fails(trail, tampered, refused):
    tampered(f"UPDATE {SEALS} SET mac = '{'0' * 64}' WHERE number = 1")
    said = refused("verify_audit", "--json")
    found = json.loads(said.out)
    assert found["whole"] is False
    assert len(found["faults"]) == 2  # and the next seal follows another
    assert said.error == f"The audit trail is not whole: {found['faults'][0]}"


@pytest.mark.parametrize("text", ["1", "x:y", "0:" + "0" * 64, "1:" + "0" * 63])
def test_an_anchor_that_is_none_is_refused(db, text, refused):
    assert "N:HASH" in refused("verify_audit", "--anchor", text).error


def _key(event):
    """An id as this database keeps it."""
    return event.pk if connection.vendor == "postgresql" else event.pk.hex
