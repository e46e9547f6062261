"""How long sessions, browsers' cookies and undelivered mails are kept. The audit trail is kept for ever."""

import logging
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session as BrowserData
from django.db.models import Q
from django.utils import timezone

from accounts.models import Session, WaitingMail
from protocol.pruning import delete_some, prune

log = logging.getLogger(__name__)

JOB = "prune_accounts"
SESSIONS_AT_ONCE = 1_000


def prune_accounts() -> int:
    """Delete what its setting keeps no longer; answers how many rows. Raises Busy."""
    now = timezone.now()
    ended = now - timedelta(days=settings.SESSIONS_KEPT)
    sessions = Session.objects.filter(Q(closed_at__lt=ended) | Q(expires_at__lt=ended))
    given_up = WaitingMail.objects.filter(created_at__lt=now - timedelta(days=settings.MAILS_KEPT))
    return (
        prune(JOB, sessions, _delete_sessions)
        + prune(JOB, BrowserData.objects.filter(expire_date__lt=now))
        + prune(JOB, given_up, _give_up)
    )


def _delete_sessions(sessions) -> int:
    """By Django, which lets the keys that a session made stay without it. Audit rows hold ids and stay as they are."""
    old = list(sessions.order_by("pk").values_list("pk", flat=True)[:SESSIONS_AT_ONCE])
    Session.objects.filter(pk__in=old).delete()
    return len(old)


def _give_up(mails) -> int:
    gone = delete_some(mails)
    if gone:
        log.error("gave up %s mails that could not be sent within %s days", gone, settings.MAILS_KEPT)
    return gone
