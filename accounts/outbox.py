"""Sending the mail that waits: at once after the act's commit, and by `manage.py run_jobs` what that left behind.

A mail is written in the transaction of its act, so that neither a dying process nor a mail server that is away loses
it. It is claimed before it is sent and deleted afterwards: two senders never send the same mail at once; one that dies
between sending and deleting leaves a mail that is sent a second time.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import DatabaseError, connection

from accounts.models import WaitingMail
from protocol.masking import mask

log = logging.getLogger(__name__)

SENDING_SECONDS = 45  # that one run may go on sending: the next comes within a minute
LOOK = 100  # mails that are read at once

_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


class NotSent(Exception):
    """Some mails could not be sent and wait for their next attempt."""


def send_now(mails: Iterable[UUID]) -> None:
    """Send these mails, which are committed, off the request's thread; what fails waits for `send_waiting`."""
    if settings.MAIL_IN_BACKGROUND:
        _sender.submit(_send_in_background, list(mails))
    else:
        _send(list(mails))


def send_waiting() -> int:
    """Send every mail whose next attempt is due; answers how many went.

    Raises:
        NotSent: some did not, and says how many and why the last.
    """
    sent, failed, last = 0, 0, ""
    for mail in _claimed(time.monotonic() + SENDING_SECONDS):
        if why := _attempt(mail):
            failed, last = failed + 1, why
        else:
            sent += 1
    if failed:
        raise NotSent(f"{failed} of {failed + sent} mails could not be sent; the last: {last}")
    return sent


def _claimed(ends: float) -> Iterator[WaitingMail]:
    """Every mail that is due, ours for one attempt, until the clock says `ends`."""
    # What was claimed, by us or another, is not due any more: the next look finds others.
    while due := list(WaitingMail.objects.due()[:LOOK]):
        for mail in due:
            if time.monotonic() > ends:
                return
            if mail.claim():
                yield mail


def _send_in_background(mails: list[UUID]) -> None:
    try:
        _send(mails)
    except DatabaseError:
        log.exception("mail waits for run_jobs: the database did not answer")
    finally:
        connection.close()  # this thread may have nothing to do for hours


def _send(mails: list[UUID]) -> None:
    for mail in WaitingMail.objects.filter(pk__in=mails).order_by("pk"):
        if mail.claim():
            _attempt(mail)


def _attempt(mail: WaitingMail) -> str | None:
    """Send a claimed mail and delete it; answers what went wrong."""
    try:
        if mail.body is None:
            raise NotSent("it was sealed under a SECRET_KEY that is not configured any more")
        # To an empty recipient Django sends nothing, and asks no mail server.
        send_mail(mail.subject, mail.body, settings.DEFAULT_FROM_EMAIL, [mail.recipient])
    except Exception as error:
        why = mask(" ".join(f"{type(error).__name__}: {error}".split()))
        log.warning("the mail %s could not be sent, attempt %s: %s", mail.pk, mail.attempts, why)
        mail.postpone(why)
        return why
    mail.delete()
    return None
