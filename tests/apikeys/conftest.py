"""What the tests of keys share."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import AuditEvent


@pytest.fixture
def status_of(api):
    """status_of(key) → what a call with this key gets now."""

    def status_of(key):
        return api.with_key(key["key"]).call("GET", "/api-keys/self").status_code

    return status_of


@pytest.fixture(autouse=True)
def tokens_outlive_a_recent_sign_in(settings):
    """By default both last an hour: longer tokens tell a sign-in that is too old from a token that is."""
    settings.ACCESS_TOKEN_LIFETIME = 3 * settings.KEY_REAUTH_SECONDS


@pytest.fixture
def long_after_sign_in():
    """long_after_sign_in(): from here on it is two hours later."""
    clock = time_machine.travel(timezone.now() + timedelta(hours=2))
    yield clock.start
    if time_machine.escape_hatch.is_travelling():
        clock.stop()


@pytest.fixture
def audited():
    """audited(key) → the actions recorded about a key, oldest first."""

    def audited(key):
        return list(
            AuditEvent.objects.filter(target_id=key["id"]).order_by("at", "pk").values_list("action", flat=True)
        )

    return audited


@pytest.fixture
def outbox(db, django_capture_on_commit_callbacks):
    """`with outbox() as sent:` runs what waits for the commit; afterwards `sent` holds the mails."""

    class Sent(list):
        def __enter__(self):
            self.waiting = django_capture_on_commit_callbacks(execute=True)
            self.waiting.__enter__()
            return self

        def __exit__(self, *trace):
            self.waiting.__exit__(*trace)
            self.extend(mail.outbox)

    return Sent
