"""The way back in for who lost a second factor, and a change of the key that encrypts them."""

import json

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import encryption, factors
from accounts.factors import codes
from accounts.models import AuditEvent
from tests.codes import SECRET, app_code


@pytest.fixture
def guarded(ann):
    """Ann, with an authenticator app."""
    ann.recovery_codes = factors.add_totp(ann, SECRET, app_code(), by=ann)
    mail.outbox.clear()
    return ann


def raw():
    """Every kept secret as it lies in the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return " ".join(str(row[0]) for row in cursor.fetchall())


def test_a_dump_of_the_table_holds_no_secret(guarded):
    assert SECRET not in raw()
    assert not any(code in raw() for code in guarded.recovery_codes)
    assert raw().count("m2:") == 2


def test_who_lost_the_factor_comes_back_in_by_command(guarded, django_capture_on_commit_callbacks, capsys):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("remove_factors", guarded.email, noinput=True, json=True)
    assert json.loads(capsys.readouterr().out)["removed"] == 1
    assert not factors.asks(guarded)
    assert [letter.to for letter in mail.outbox] == [[guarded.email]]
    event = AuditEvent.objects.get(action="factor.all_removed")
    assert (event.actor_kind, event.target_id, event.data) == ("command", guarded.pk, {"kinds": ["totp"]})


def test_removing_what_is_not_there_changes_and_tells_nothing(ann, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert factors.remove_all(ann, by="command") == 0
    assert mail.outbox == []
    assert not AuditEvent.objects.filter(action="factor.all_removed").exists()


def test_nobody_has_the_address(db):
    with pytest.raises(CommandError, match="Nobody has this"):
        call_command("remove_factors", "nobody@example.com", noinput=True)


def test_a_new_key_takes_over_without_a_lost_secret(guarded, settings, capsys):
    kept = settings.MFA_ENCRYPTION_KEYS
    settings.MFA_ENCRYPTION_KEYS = {"m3": "a-third-key-a-third-key-a-third-key", **kept}
    call_command("rotate_factor_key", encrypt=True)
    call_command("rotate_factor_key", status=True)
    assert "m2 only decrypts; 0 secrets: it can be taken out." in capsys.readouterr().out
    settings.MFA_ENCRYPTION_KEYS = {"m3": settings.MFA_ENCRYPTION_KEYS["m3"]}
    assert codes.spend(guarded, guarded.recovery_codes[0])


def test_the_first_key_encrypts_and_every_key_decrypts():
    old = dict(settings.MFA_ENCRYPTION_KEYS)
    first, second, *_ = old
    assert encryption.key_of(encryption.encrypt("text")) == first
    settings.MFA_ENCRYPTION_KEYS = {second: old[second], first: old[first]}
    try:
        kept = encryption.encrypt("text")
    finally:
        settings.MFA_ENCRYPTION_KEYS = old
    assert encryption.key_of(kept) == second
    assert encryption.decrypt(kept) == "text"
