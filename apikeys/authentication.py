"""Who is calling, by API key: parse the text, one SELECT, compare digests in constant time.

Access is granted if and only if the text is well formed with the right checksum, a row has its public id and
environment, the row's digest is HMAC(its pepper, text), and the row is usable. Nothing is written here.

Sets `request.user` and `request.auth` to a Principal. Steps aside for a request without any credential of ours, and
for one with an access token alone; refuses two different credentials.
"""

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication

from accounts import attempts
from accounts.authentication import bearer_of, is_ours
from apikeys import keys
from apikeys.models import ApiKey
from protocol.problems import Unauthorized

HEADERS = {
    "HTTP_X_OPEN_WEARABLES_API_KEY": "X-Open-Wearables-API-Key",
    "HTTP_X_API_KEY": "X-API-Key",
}
COLUMNS = (
    "id team_id environment scopes allowed_ips rate_limit rate_seconds "
    "digest pepper_id expires_at disabled_at revoked_at team__suspended_at"
).split()


@dataclass(frozen=True)
class Principal:
    """The program behind a good key, as it stood at this request."""

    pk: uuid.UUID
    team_id: uuid.UUID
    environment: str
    scopes: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    limit: tuple[int, int]

    is_authenticated = True
    audit_kind = "api_key"


def credentials_of(request) -> tuple[dict[str, str], list[str]]:
    """(our distinct credentials → the header each stood in, what else stood in a key header)."""
    ours: dict[str, str] = {}
    strange: list[str] = []
    for variable, header in HEADERS.items():
        for value in filter(None, (part.strip() for part in request.META.get(variable, "").split(","))):
            if value.startswith(keys.SCHEME):
                ours.setdefault(value, header)
            else:
                strange.append(value)
    bearer = bearer_of(request)
    if bearer and (bearer.startswith(keys.SCHEME) or is_ours(bearer)):
        ours.setdefault(bearer, "Authorization")
    return ours, strange


def find(text: str) -> tuple[Principal | None, str]:
    """(the principal of a good key, or None; what the text alone shows to be wrong)."""
    try:
        key = keys.parse(text)
    except keys.MalformedKey as error:
        return None, str(error)
    row = ApiKey.objects.filter(public_id=key.public_id, environment=key.environment).values(*COLUMNS).first()
    if row is None or not proves(key, row["digest"], row["pepper_id"]) or not _usable(row, timezone.now()):
        return None, ""
    default = settings.API_KEY_RATE_LIMIT
    return (
        Principal(
            row["id"],
            row["team_id"],
            row["environment"],
            tuple(row["scopes"]),
            tuple(row["allowed_ips"]),
            (row["rate_limit"] or default[0], row["rate_seconds"] or default[1]),
        ),
        "",
    )


def proves(key: keys.Key, digest: bytes, pepper_id: str) -> bool:
    """Whether the whole key is the one whose digest is stored."""
    pepper = settings.API_KEY_PEPPERS.get(pepper_id)
    return pepper is not None and hmac.compare_digest(keys.digest(key, pepper), bytes(digest))


def _usable(row: dict, at: datetime) -> bool:
    """The same as `ApiKey.objects.usable()`, of one row; a test holds the two together."""
    return (
        row["revoked_at"] is None
        and row["disabled_at"] is None
        and row["team__suspended_at"] is None
        and (row["expires_at"] is None or row["expires_at"] > at)
    )


class ApiKeyAuthentication(BaseAuthentication):
    """API keys, from three headers."""

    def authenticate(self, request):
        """(principal, principal), or None. Raises Unauthorized, or TooManyAttempts for one bad key too many."""
        ours, strange = credentials_of(request)
        if len(ours) > 1:
            names = " and ".join(sorted(set(ours.values())))
            raise Unauthorized(
                f"Two different credentials were sent ({names}): send one.", code="ambiguous_credentials"
            )
        text = next(iter(ours), None)
        if text is None:
            if not strange:
                return None
            text = strange[0]
        elif not text.startswith(keys.SCHEME):
            return None
        principal, shown = find(text)
        if principal is None:
            attempts.bad_key(request._request.caller.counted)
            raise Unauthorized(
                f"This is not an API key of ours: {shown}"
                if shown
                else "This API key is unknown, expired, disabled or revoked.",
                code="invalid_api_key",
            )
        return principal, principal

    def authenticate_header(self, request):
        """The challenge of a 401."""
        return 'Bearer realm="open-wearables"'
