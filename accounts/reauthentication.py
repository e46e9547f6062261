"""The password or the second factor again, before much is done: a browser left open must not be enough.

PORTAL_REAUTH_SECONDS is the portal's own, shorter than the API's KEY_REAUTH_SECONDS: a person is there to be asked.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import factors
from accounts.models import Session


def is_recent(session: Session) -> bool:
    """Whether this sign-in was proved lately, and has given the second factor if there is one."""
    proved = (timezone.now() - session.auth_time).total_seconds() <= settings.PORTAL_REAUTH_SECONDS
    return proved and not owes_factor(session)


def owes_factor(session: Session) -> bool:
    """Whether there is a second factor that this sign-in never gave: it began before the factor was there.

    Whoever signed in with a stolen password then must not get further by that password alone.
    """
    return session.factor_at is None and factors.owes(session.developer_id)


def ask(back: str) -> HttpResponseRedirect:
    """To the page that asks for the proof and then leads `back`."""
    return HttpResponseRedirect(f"{reverse('reauthenticate')}?{urlencode({'next': back})}")


def confirm(request, *, by_factor: bool = False) -> None:
    """Note that the proof was given just now; the cookie changes, as at every rise of what it opens."""
    now = timezone.now()
    proved = {"auth_time": now, **({"factor_at": now} if by_factor else {})}
    Session.objects.filter(pk=request.session_row.pk).live().update(**proved)
    for name, value in proved.items():
        setattr(request.session_row, name, value)
    request.session.cycle_key()
