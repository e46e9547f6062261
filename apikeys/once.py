"""A form that makes a key makes one key, however often it is sent: a reload or a second press makes nothing more."""

import secrets

from protocol.counters import counters

REMEMBERED = 20  # forms open at once in one browser
LIFE = 86400  # seconds for which a spent form is remembered beside the session
FORMS = "open_forms"


def new_form(request) -> str:
    """The number of a form that is about to be shown."""
    number = secrets.token_urlsafe(16)
    request.session[FORMS] = [*request.session.get(FORMS, [])[-REMEMBERED + 1 :], number]
    return number


def spend(request, number: str) -> bool:
    """Whether the form is sent for the first time.

    The session alone can't tell: two requests at once both read it before either writes. The counter's hit is atomic.
    """
    still_open = request.session.get(FORMS, [])
    if number not in still_open or counters().hit(f"form:{number}", LIFE)[0] > 1:
        return False
    request.session[FORMS] = [kept for kept in still_open if kept != number]
    return True
