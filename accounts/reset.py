"""A forgotten password: a link to the address, good once and for an hour, sets another.

Whoever opens the link reads the mailbox, so an address that was not proved yet is proved by it. A second factor of a
proved account stays: a mailbox alone must not undo it.
"""

from django.db import transaction

from accounts import attempts, emails, links, notices
from accounts.links import Purpose
from accounts.models import Developer
from protocol.problems import InvalidToken


def forgot(email: str) -> None:
    """Send a link where there is an account that can sign in; the same answer for every address.

    Raises:
        TooManyAttempts.
    """
    email = Developer.objects.normalize_email(email)
    emails.count_mail(email)
    developer = Developer.objects.filter(email=email, is_active=True).first()
    with transaction.atomic():
        if developer is None:
            notices.nothing_to_send()
        else:
            token = links.make(Purpose.RESET, developer, _state(developer) or "")
            notices.reset_asked(developer, emails.link_to(Purpose.RESET, token))


def _state(developer: Developer) -> str | None:
    return f"{developer.email}.{developer.password}" if developer.is_active else None


def whose(token: str) -> Developer | None:
    """Whose password a link sets; None for a link that is used, too old or none of ours."""
    return links.read(Purpose.RESET, token, _state)


def reset(token: str, password: str) -> Developer | None:
    """Set the password, already validated; every sign-in ends, and what else waits for a link is void.

    None for a link that is no good (any more): of two uses at once the password's row decides.

    Raises:
        TooManyAttempts: too many wait for a hash.
    """
    developer = whose(token)
    if developer is None:
        return None
    try:
        with attempts.a_turn(), transaction.atomic():
            emails.prove(developer)
            developer.change_password(password, by=developer)
            notices.password_changed(developer)
    except InvalidToken:
        return None
    return developer
