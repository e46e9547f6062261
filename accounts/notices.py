"""The only sender of mail: one function per notice, one template pair per notice.

Mail leaves after the transaction and after the answer, on one background thread: a slow or broken mail server must not
slow or break a request, nor tell by its time whether an account exists.
"""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import Developer, Role, Session, Team
from protocol.masking import mask

log = logging.getLogger(__name__)

_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send(template: str, recipients: list[str], **context) -> None:
    """Send `email/<template>.txt` (its first line is the subject) to each recipient alone, after the commit."""
    context |= {"site_url": settings.SITE_URL}
    subject, _, body = render_to_string(f"email/{template}.txt", context).partition("\n")

    def deliver() -> None:
        for recipient in recipients:
            try:
                send_mail(subject.strip(), mask(body.strip()) + "\n", settings.DEFAULT_FROM_EMAIL, [recipient])
            except Exception:
                log.exception("the notice %r could not be sent", template)

    def hand_over() -> None:
        if settings.MAIL_IN_BACKGROUND:
            _sender.submit(deliver)
        else:
            deliver()

    transaction.on_commit(hand_over)


def owners_of(team: Team) -> list[str]:
    """The addresses of a team's owners who can sign in."""
    owners = Developer.objects.filter(memberships__team=team, memberships__role=Role.OWNER, is_active=True)
    return sorted(owners.values_list("email", flat=True))


def session_replayed(session: Session) -> None:
    """An old refresh token was used again: its developer should look."""
    send("session_replayed", [session.developer.email], session=session, developer=session.developer)


def password_changed(developer: Developer) -> None:
    """The password was changed: its owner should know."""
    send("password_changed", [developer.email], developer=developer)
