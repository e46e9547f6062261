"""A session's tokens: what is in them, how they are signed, and how one becomes the next.

Both are SimpleJWT's, HS256, signed by a key set: the first of JWT_SIGNING_KEYS signs, all verify, the header's `kid`
says which (RFC 7515 §4.1.4). The header never chooses the algorithm (RFC 8725 §3.1).

A refresh token holds (session, generation) and nothing that isn't in the session's row, so the *same* successor can be
signed again for a caller whose answer was lost, without being stored.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import notices
from accounts.models import Developer, Session, audit
from protocol.address import network_of
from protocol.current import caller_of

LEEWAY = 5  # seconds of clock difference forgiven for exp, nbf and iat
MAX_TOKEN = 1024  # bytes; ours are about 500
AUDIENCE = "open-wearables"

CLAIMS: dict[str, type] = {"iss": str, "aud": str, "sub": str, "sid": str, "jti": str, "token_type": str}
CLAIMS |= {"iat": int, "exp": int}


class KeySetBackend(TokenBackend):
    """SimpleJWT's backend over a set of keys; `settings.JWT_SIGNING_KEYS` is read anew so that tests can rotate."""

    def __init__(self) -> None:
        super().__init__("HS256", audience=AUDIENCE, issuer=settings.SITE_URL, leeway=LEEWAY)

    def encode(self, payload: dict[str, Any]) -> str:
        """Sign with the first key and name it."""
        kid, secret = next(iter(settings.JWT_SIGNING_KEYS.items()))
        claims = {**payload, "aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, secret, algorithm=self.algorithm, headers={"kid": kid})

    def get_verifying_key(self, token) -> str:
        """The key that the header names; a missing or unknown name is a refusal."""
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if header.get("crit") or not isinstance(kid, str) or kid not in settings.JWT_SIGNING_KEYS:
            raise TokenBackendError("Token is invalid")
        return settings.JWT_SIGNING_KEYS[kid]

    def decode(self, token, verify: bool = True) -> dict[str, Any]:
        """As the library, with everything that absurd claims and headers raise made a refusal."""
        try:
            return super().decode(token, verify=verify)
        except TokenBackendError:
            raise
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
            raise TokenBackendError("Token is invalid") from error


class StrictClaims:
    """Requires every claim of ours, each with its exact type (RFC 8725 §3.8, §3.9, §3.11)."""

    extra: dict[str, type] = {}

    @property
    def token_backend(self) -> KeySetBackend:
        """Ours; made per use, since it holds nothing."""
        return KeySetBackend()

    def verify(self) -> None:
        """Check the types, then what the library checks."""
        for name, kind in {**CLAIMS, **self.extra}.items():
            value = self.payload.get(name)
            if type(value) is not kind:
                raise TokenError("Token is invalid")
        try:
            uuid.UUID(self.payload["sid"])
            uuid.UUID(self.payload["sub"])
            super().verify()  # type: ignore[misc]
        except (ValueError, OverflowError, OSError) as error:
            raise TokenError("Token is invalid") from error


class SessionAccessToken(StrictClaims, AccessToken):
    """Names its session; good only while that lives."""

    extra = {"auth_time": int}

    @property
    def lifetime(self):
        """ACCESS_TOKEN_LIFETIME."""
        return timedelta(seconds=settings.ACCESS_TOKEN_LIFETIME)


class SessionRefreshToken(StrictClaims, RefreshToken):
    """A signed claim of (session, generation)."""

    extra = {"gen": int}

    @property
    def lifetime(self):
        """REFRESH_TOKEN_LIFETIME."""
        return timedelta(seconds=settings.REFRESH_TOKEN_LIFETIME)


@dataclass(frozen=True)
class Pair:
    """What a sign-in or a refresh answers; the tokens stay out of `repr`."""

    session: Session
    access: str
    refresh: str
    expires_in: int

    def __repr__(self) -> str:
        return f"Pair(session={self.session.pk})"


class RefreshRejected(Exception):
    """This refresh token opens nothing (any more). `replayed` when it ended its session."""

    def __init__(self, replayed: bool = False) -> None:
        super().__init__("refresh token rejected")
        self.replayed = replayed


def pair_for(session: Session) -> Pair:
    """The tokens of a session as its row stands; the refresh token is a function of the row alone."""
    now = int(timezone.now().timestamp())
    ends = min(now + settings.ACCESS_TOKEN_LIFETIME, int(session.ends_at.timestamp()))
    access = SessionAccessToken()
    access.payload |= {
        "sub": str(session.developer_id),
        "sid": str(session.pk),
        "iat": now,
        "exp": ends,
        "auth_time": int(session.auth_time.timestamp()),
    }
    refresh = SessionRefreshToken()
    refresh.payload = {
        "token_type": "refresh",
        "sub": str(session.developer_id),
        "sid": str(session.pk),
        "gen": session.generation,
        "iat": int(session.rotated_at.timestamp()),
        "exp": int(session.expires_at.timestamp()),
        "jti": hashlib.sha256(f"{session.pk}.{session.generation}".encode()).hexdigest()[:32],
    }
    return Pair(session, str(access), str(refresh), ends - now)


@transaction.atomic
def open_session(developer: Developer, request, kind=Session.Kind.API) -> Session:
    """Begin a session for a developer who has just proved who they are."""
    session = Session.open(developer, kind, caller_of(request))
    audit.record(developer, audit.Action.SESSION_OPENED, session, team=developer.home_team_id, kind=str(kind))
    return session


def read_refresh(raw: str) -> SessionRefreshToken:
    """The verified claims of a refresh token. Raises RefreshRejected."""
    if not raw or len(raw) > MAX_TOKEN:
        raise RefreshRejected
    try:
        return SessionRefreshToken(raw)  # type: ignore[arg-type]
    except TokenError as error:
        raise RefreshRejected from error


def refresh(raw: str, request) -> Pair:
    """Exchange a refresh token for the next pair.

    The current generation moves on; the one just before it, within REFRESH_LEEWAY and from the same network or agent,
    gets the same successor again (a lost answer is not a logout); any other is a replay and ends the session
    (RFC 9700 §4.14.2).

    Raises:
        RefreshRejected
    """
    claims = read_refresh(raw)
    generation = claims["gen"]
    caller = caller_of(request)
    session = _live_session(claims)
    won = False
    if session.generation == generation:
        won = session.rotate(generation, caller)
        # Read again whether won or lost: the row says what the successor is, and whether the developer is still one.
        session = _live_session(claims)
    if session.generation == generation + 1 and (won or _is_retry(session, caller)):
        return pair_for(session)
    if _end_replayed(session):
        notices.session_replayed(session)
    raise RefreshRejected(replayed=True)


def _live_session(claims) -> Session:
    session = (
        Session.objects.select_related("developer")
        .live()
        .filter(
            pk=claims["sid"], developer_id=claims["sub"], developer__is_active=True, kind=Session.Kind.API
        )
        .first()
    )
    if session is None:
        raise RefreshRejected
    return session


def _is_retry(session: Session, caller: tuple[str | None, str]) -> bool:
    """Whether the caller may have the current successor: just rotated, by the same network or the same agent."""
    if timezone.now() - session.rotated_at >= timedelta(seconds=settings.REFRESH_LEEWAY):
        return False
    address, agent = caller
    same_network = bool(address) and network_of(address) == network_of(session.rotated_ip)
    return same_network or (agent != "" and agent == session.rotated_user_agent)


@transaction.atomic
def _end_replayed(session: Session) -> bool:
    ended = session.close(Session.Reason.REPLAY)
    if ended:
        team = session.developer.home_team_id
        audit.record(None, audit.Action.SESSION_REPLAYED, session, team=team, developer=str(session.developer_id))
    return ended


def close_by_refresh(raw: str) -> None:
    """End the session a refresh (or access) token names; unknown, spent and malformed ones are no news (RFC 7009 §2.2).

    An expired token of ours still names its session, but an expired session needs no ending.
    """
    for kind in (SessionRefreshToken, SessionAccessToken):
        if not raw or len(raw) > MAX_TOKEN:
            return
        try:
            claims = kind(raw)  # type: ignore[arg-type]
        except TokenError:
            continue
        session = Session.objects.filter(pk=claims["sid"], developer_id=claims["sub"]).first()
        if session is not None:
            close(session, by=session.developer, reason=Session.Reason.LOGOUT)
        return


@transaction.atomic
def close(session: Session, *, by, reason=Session.Reason.REVOKED) -> bool:
    """End one session at once; again changes nothing."""
    ended = session.close(reason)
    if ended:
        audit.record(
            by, audit.Action.SESSION_CLOSED, session, team=session.developer.home_team_id, reason=str(reason)
        )
    return ended


@transaction.atomic
def close_all(developer: Developer, *, by, but=None, reason=Session.Reason.LOGOUT) -> int:
    """End every session and portal sign-in of a developer; answers how many."""
    ended = Session.objects.of(developer).close(reason, but=but)
    if ended:
        audit.record(by, audit.Action.SESSIONS_CLOSED, developer, team=developer.home_team_id, ended=ended)
    return ended
