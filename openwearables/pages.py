"""The middleware of pages, which the API steps past: it has no session, no message, no script and no static file.

Subclasses rather than a second chain, so that settings.MIDDLEWARE stays the one list of what a request goes through.
"""

from corsheaders.middleware import CorsMiddleware
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.utils.cache import patch_vary_headers
from django_permissions_policy import PermissionsPolicyMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.middleware import BrowserSessionMiddleware


class _Pages:
    def __call__(self, request):
        if request.path.startswith("/api/"):
            return self.get_response(request)  # type: ignore[attr-defined]
        return super().__call__(request)  # type: ignore[misc]


class CrossOrigin(CorsMiddleware):
    """Which other origins may call the API. A call without an origin is a program's: it is told that one matters."""

    def __call__(self, request):
        """As the library, for browsers."""
        if "HTTP_ORIGIN" in request.META:
            return super().__call__(request)
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            patch_vary_headers(response, ("origin",))  # type: ignore[arg-type]
        return response


class StaticFiles(_Pages, WhiteNoiseMiddleware):
    """Style sheets, scripts, icons."""


class ContentSecurityPolicy(_Pages, CSPMiddleware):
    """What a page may load; the API's own line stands in SecurityHeadersMiddleware."""


class PermissionsPolicy(_Pages, PermissionsPolicyMiddleware):
    """Which devices a page may ask for: none."""


class DjangoSession(_Pages, SessionMiddleware):
    """The cookie of a browser."""


class DjangoUser(_Pages, AuthenticationMiddleware):
    """Whom that cookie belongs to."""


class BrowserSession(_Pages, BrowserSessionMiddleware):
    """Whether the sign-in behind it is still live."""


class Messages(_Pages, MessageMiddleware):
    """What the last page had to say."""
