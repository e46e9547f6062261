"""The password again, before a key is made to do more: a browser left open must not be enough.

PORTAL_REAUTH_SECONDS is the portal's own, shorter than the API's KEY_REAUTH_SECONDS: a person is there to be asked.
"""

from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session


def is_recent(session: Session) -> bool:
    """Whether this sign-in's password was given lately."""
    return (timezone.now() - session.auth_time).total_seconds() <= settings.PORTAL_REAUTH_SECONDS


def ask(back: str) -> HttpResponseRedirect:
    """To the page that asks for the password and then leads `back`."""
    return HttpResponseRedirect(f"{reverse('reauthenticate')}?{urlencode({'next': back})}")


def password_first(view):
    """Only after a recent password; whoever gives it comes back to the same page."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not is_recent(request.session_row):
            return ask(request.path)
        return view(request, *args, **kwargs)

    return guarded


def confirm(request) -> None:
    """Note that the password was given just now; the cookie changes, as at every rise of what it opens."""
    Session.objects.filter(pk=request.session_row.pk).live().update(auth_time=timezone.now())
    request.session.cycle_key()
