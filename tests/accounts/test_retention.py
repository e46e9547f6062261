"""What is kept of sign-ins and mail, and for how long."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as BrowserData
from django.utils import timezone

from accounts import audit, notices, retention
from accounts.models import AuditEvent, Session, WaitingMail
from accounts.retention import prune_accounts
from apikeys.models import ApiKey

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def short_lives(settings):
    settings.SESSIONS_KEPT, settings.MAILS_KEPT = 30, 3


def make(developer, **ago):
    """A session; its times are given in days before now."""
    now = timezone.now()
    times = {"expires_at": -1, "ends_at": -1, **ago}
    return Session.objects.create(developer=developer, kind="api", **{k: now - DAY * v for k, v in times.items()})


def test_sessions_that_ended_long_ago_are_deleted_however_they_ended(ann):
    gone = [make(ann, closed_at=31), make(ann, expires_at=31), make(ann, expires_at=31, ends_at=31)]
    kept = [make(ann), make(ann, closed_at=29), make(ann, expires_at=29), make(ann, closed_at=29, expires_at=29)]
    assert prune_accounts() == len(gone)
    assert {session.pk for session in Session.objects.all()} == {session.pk for session in kept}


def test_a_key_outlives_the_session_that_made_it(ann):
    session = make(ann)
    key, _ = ApiKey.objects.issue(team=ann.home_team, by=ann, session=session, environment="test")
    Session.objects.update(closed_at=timezone.now() - 31 * DAY)
    before = ApiKey.objects.values().get()
    assert prune_accounts() == 1
    assert ApiKey.objects.values().get() == {**before, "created_in_id": None}


def test_the_trail_of_a_deleted_session_stays_and_verifies(ann, as_ann):
    as_ann.call("POST", "/auth/logout", {})
    before = list(AuditEvent.objects.values())
    Session.objects.update(closed_at=timezone.now() - 31 * DAY)
    assert prune_accounts() == 1
    assert list(AuditEvent.objects.values()) == before
    audit.seal_waiting()
    assert list(audit.faults()) == []


def test_what_expired_browsers_left_behind_is_deleted(db):
    for seconds in (-10, 10):
        data = SessionStore()
        data.set_expiry(seconds)
        data.create()
    assert BrowserData.objects.count() == 2
    assert prune_accounts() == 1
    assert BrowserData.objects.get().expire_date > timezone.now()


def test_a_mail_that_could_not_be_sent_is_given_up_and_said_in_the_log(ann, bob, caplog):
    notices.password_changed(ann)
    WaitingMail.objects.update(created_at=timezone.now() - 3.1 * DAY)
    notices.password_changed(bob)
    assert prune_accounts() == 1
    assert WaitingMail.objects.get().recipient == bob.email
    assert "gave up 1 mails" in caplog.text


def test_many_sessions_go_in_batches_and_all_of_them_go(ann, monkeypatch):
    monkeypatch.setattr(retention, "SESSIONS_AT_ONCE", 2)
    for _ in range(5):
        make(ann, closed_at=31)
    assert prune_accounts() == 5
