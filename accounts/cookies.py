"""The refresh token in a cookie, for pages: where no script can read it.

Giving or taking it needs an `Origin` that we know, or a foreign page could sign a visitor in as somebody else (login
CSRF, RFC 6749 §10.12).
"""

import math

from django.conf import settings
from django.utils import timezone

from protocol.problems import Forbidden


def name() -> str:
    """`__Host-` binds the cookie to this host and to HTTPS (RFC 6265bis §4.1.3.2); loopback HTTP can't have that."""
    return "ow_refresh" if settings.LOCAL_MODE else "__Host-ow_refresh"


def check_origin(request) -> None:
    """Raise Forbidden unless the request comes from a page of ours or of a named origin."""
    origin = request.META.get("HTTP_ORIGIN", "")
    if origin != settings.SITE_URL and origin not in settings.CORS_ALLOWED_ORIGINS:
        raise Forbidden(
            "The cookie is only for pages of this site: the request's Origin is not one of them.",
            code="origin_not_allowed",
        )


def read(request) -> str:
    """The refresh token that came as a cookie, or ''."""
    return request.COOKIES.get(name(), "")


def give(response, pair) -> None:
    """Set the cookie for as long as the refresh token lives, in whole seconds."""
    seconds = math.ceil((pair.session.expires_at - timezone.now()).total_seconds())
    response.set_cookie(
        name(),
        pair.refresh,
        max_age=max(0, seconds),
        secure=not settings.LOCAL_MODE,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def clear(response) -> None:
    """Take the cookie away."""
    response.set_cookie(
        name(), "", max_age=0, secure=not settings.LOCAL_MODE, httponly=True, samesite="Strict", path="/"
    )
