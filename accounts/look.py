"""Light, dark, or as the system has it: chosen for one browser, and kept in its cookie.

Pages read it without a user and without a database, so that errors look alike; no script is needed.
"""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

COOKIE = "ow_look"
KEPT = timedelta(days=365)
LOOKS = {"system": _("As my system has it"), "light": _("Light"), "dark": _("Dark")}


def of(request) -> str:
    """What was chosen: a name in LOOKS."""
    chosen = request.COOKIES.get(COOKIE)
    return chosen if chosen in LOOKS else "system"


def keep(response, look: str) -> None:
    """Let this browser remember; the system's needs no cookie."""
    if look == "system":
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        attributes = {"secure": settings.SESSION_COOKIE_SECURE, "httponly": True, "samesite": "Lax"}
        response.set_cookie(COOKIE, look, max_age=KEPT, **attributes)


def in_templates(request) -> dict:
    """For base.html."""
    return {"look": of(request)}
