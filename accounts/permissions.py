"""What a developer's session may do."""

from django.conf import settings
from django.utils import timezone
from rest_framework.permissions import BasePermission

from accounts.models import Developer, Session
from accounts.reauthentication import owes_factor
from protocol.parsing import read_query
from protocol.problems import Forbidden, Unauthorized, ValidationProblem

HEADERS_OF_KEYS = "Authorization: Bearer, or X-Open-Wearables-API-Key"


def require_credential(request) -> None:
    """Raise Unauthorized for a request without any credential that counts."""
    if request.auth is None:
        raise Unauthorized(
            f"Credentials in the query string are not read: send them in a header ({HEADERS_OF_KEYS})."
            if _in_query(request)
            else ""
        )


def _in_query(request) -> bool:
    try:
        query = read_query(request.META)
    except ValidationProblem:
        return False  # whoever calls without a credential is told of that first
    return any(
        name in ("api_key", "apikey", "key", "token", "access_token") or value.startswith(("ow_", "eyJ"))
        for name, value in query.items()
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
    """Raise unless a password or second factor was given lately (RFC 9470 §3): refreshing doesn't help.

    A sign-in of before there was a second factor is not enough either, however young: it may be the very one against
    which the factor was set up.
    """
    longest = settings.KEY_REAUTH_SECONDS
    old = (timezone.now() - session.auth_time).total_seconds() > longest
    if old or owes_factor(session):
        raise Unauthorized(
            "Your sign-in is too old for this: sign in again with your password."
            if old
            else "Your sign-in is older than your second factor: sign in again with your password and a code.",
            code="recent_sign_in_required",
            rule="" if old else "without the second factor",
            challenge=f'error="insufficient_user_authentication", max_age={longest}',
        )
