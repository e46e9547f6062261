"""What a key may do: its addresses, its scopes."""

from rest_framework.permissions import BasePermission

from accounts.models import Developer
from accounts.permissions import require_credential
from apikeys import addresses
from apikeys.authentication import Principal
from apikeys.scopes import Scope
from protocol.problems import Forbidden


def require_address(request) -> None:
    """Raise Forbidden for a key that is used from outside its address list."""
    principal = request.auth
    if isinstance(principal, Principal) and not addresses.allows(
        principal.allowed_ips, request._request.caller.address
    ):
        raise Forbidden("This key may not be used from your address.", code="ip_not_allowed", rule="address list")


class KeyOrDeveloper(BasePermission):
    """A key with the scope that the call declares, or a developer's session; without a scope it is for developers."""

    refuses = ("ip_not_allowed",)  # for the schema

    def has_permission(self, request, view):
        """True, or a Problem."""
        require_credential(request)
        if isinstance(request.user, Developer):
            return True
        require_address(request)
        scope = view.call(request).scope
        if not scope:
            raise Forbidden("An API key may not do this: sign in as a developer.", code="developer_session_required")
        if scope not in request.auth.scopes:
            raise Forbidden(
                f"This key may not {Scope(scope).sentence}: it needs the scope {scope}.",
                code="insufficient_scope",
                rule=f"scope {scope}",
                headers={
                    "WWW-Authenticate": f'Bearer realm="open-wearables", error="insufficient_scope", scope="{scope}"'
                },
            )
        return True


class KeyOnly(BasePermission):
    """An API key; a developer may not."""

    takes = ("apiKey",)  # for the schema, as `refuses`
    refuses = ("api_key_required", "ip_not_allowed")

    def has_permission(self, request, view):
        """True, or a Problem."""
        require_credential(request)
        if isinstance(request.user, Developer):
            raise Forbidden("This call is for an API key, not for a session.", code="api_key_required")
        require_address(request)
        return True
