"""What a developer's session may do."""

from django.conf import settings
from django.utils import timezone
from rest_framework.permissions import BasePermission

from accounts.models import Developer, Session
from protocol.problems import Forbidden, Unauthorized

HEADERS_OF_KEYS = "Authorization: Bearer, or X-Open-Wearables-API-Key"


def require_credential(request) -> None:
    """Raise Unauthorized for a request without any credential that counts."""
    if request.auth is None:
        in_query = any(
            name in ("api_key", "apikey", "key", "token", "access_token") or value.startswith(("ow_", "eyJ"))
            for name, value in request.query_params.items()
        )
        raise Unauthorized(
            f"Credentials in the query string are not read: send them in a header ({HEADERS_OF_KEYS})."
            if in_query
            else ""
        )


class DeveloperOnly(BasePermission):
    """A developer's session; a key may not."""

    def has_permission(self, request, view):
        """True, or Unauthorized, or Forbidden."""
        require_credential(request)
        if not isinstance(request.user, Developer):
            raise Forbidden("An API key may not do this: sign in as a developer.", code="developer_session_required")
        return True


def require_recent_sign_in(session: Session) -> None:
    """Raise unless a password or second factor was given lately (RFC 9470 §3): refreshing doesn't help."""
    longest = settings.KEY_REAUTH_SECONDS
    if (timezone.now() - session.auth_time).total_seconds() > longest:
        raise Unauthorized(
            "Your sign-in is too old for this: sign in again with your password.",
            code="recent_sign_in_required",
            challenge=f'error="insufficient_user_authentication", max_age={longest}',
        )
