"""Who is calling, by API key: parse the text, one SELECT, compare digests in constant time.

Access is granted if and only if the text is well formed with the right checksum, a row has its public id and
environment, the row's digest is HMAC(its pepper, text), and the row is usable. Nothing is written here.

Sets `request.user` and `request.auth` to a Principal, and `request.proved` for every key whose digest matched, good or
not. Steps aside for a request without any credential of ours, and for one with an access token alone; refuses two
different credentials.
"""

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication

from accounts import attempts
from accounts.authentication import bearer_of, is_ours
from apikeys import keys
from apikeys.peppers import Redigest
from protocol.current import Proved
from protocol.problems import Unauthorized
from protocol.sql import as_moment, as_uuid, fetch_row

HEADERS = {
    "HTTP_X_OPEN_WEARABLES_API_KEY": "X-Open-Wearables-API-Key",
    "HTTP_X_API_KEY": "X-API-Key",
}
# The one question that every request with a key asks. `why_unusable` judges what it answers.
BY_PUBLIC_ID = """
    SELECT k.id, k.team_id, k.scopes, k.allowed_ips, k.rate_limit, k.rate_seconds, k.digest, k.pepper_id,
           k.expires_at, k.disabled_at, k.revoked_at, t.suspended_at
    FROM apikeys_apikey k JOIN accounts_team t ON t.id = k.team_id
    WHERE k.public_id = %s AND k.environment = %s
"""


UNKNOWN = "This API key is unknown, expired, disabled or revoked."  # which of them, is nobody's business


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


class Row(NamedTuple):
    """What BY_PUBLIC_ID answers."""

    pk: uuid.UUID
    team_id: uuid.UUID
    scopes: str
    allowed_ips: str
    rate_limit: int | None
    rate_seconds: int | None
    digest: bytes
    pepper_id: str
    expires_at: datetime | None
    disabled_at: datetime | None
    revoked_at: datetime | None
    suspended_at: datetime | None


def find(key: keys.Key) -> Row | None:
    """The row of a key whose digest matches, usable or not."""
    found = fetch_row(BY_PUBLIC_ID, (key.public_id, key.environment))
    if found is None:
        return None
    pk, team_id, *words, expires_at, disabled_at, revoked_at, suspended_at = found
    ends = map(as_moment, (expires_at, disabled_at, revoked_at, suspended_at))
    row = Row(as_uuid(pk), as_uuid(team_id), *words, *ends)
    return row if proves(key, row.digest, row.pepper_id) else None


def proves(key: keys.Key, digest: bytes, pepper_id: str) -> bool:
    """Whether the whole key is the one whose digest is stored."""
    pepper = settings.API_KEY_PEPPERS.get(pepper_id)
    return pepper is not None and hmac.compare_digest(keys.digest(key, pepper), bytes(digest))


def why_unusable(row: Row, at: datetime) -> str:
    """Which rule keeps a key from opening anything, '' for none: the same as `ApiKey.objects.usable()`, of one row.

    A test holds the two together.
    """
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is not None and row.expires_at <= at:
        return "expired"
    if row.disabled_at is not None:
        return "disabled"
    return "team suspended" if row.suspended_at is not None else ""


def principal_of(row: Row, environment: str) -> Principal:
    """The program behind a row, with the limit that holds for it."""
    most, seconds = settings.API_KEY_RATE_LIMIT
    limit = (row.rate_limit or most, row.rate_seconds or seconds)
    return Principal(row.pk, row.team_id, environment, tuple(row.scopes.split()), tuple(row.allowed_ips.split()), limit)


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
        principal = self.principal(request._request, text)
        return principal, principal

    def principal(self, request, text: str) -> Principal:
        """The program that carries this key. Raises Unauthorized or TooManyAttempts."""
        try:
            key = keys.parse(text)
        except keys.MalformedKey as error:
            raise self.refusal(request, f"This is not an API key of ours: {error}", "shape") from error
        row = find(key)
        if row is None:
            raise self.refusal(request, UNKNOWN, "unknown key")
        request.proved = Proved(row.team_id, key_id=row.pk)
        if failed := why_unusable(row, timezone.now()):
            raise self.refusal(request, UNKNOWN, failed)
        if row.pepper_id != next(iter(settings.API_KEY_PEPPERS)):
            request.new_digest = Redigest.of(key, row)
        return principal_of(row, key.environment)

    def refusal(self, request, detail: str, rule: str) -> Unauthorized:
        """The one 401 for every bad key, counted. Raises TooManyAttempts instead past the count."""
        attempts.bad_key(request.caller.counted)
        return Unauthorized(detail, code="invalid_api_key", rule=rule)

    def authenticate_header(self, request):
        """The challenge of a 401."""
        return 'Bearer realm="open-wearables"'
