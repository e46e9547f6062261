"""A session's life: open, refresh, close; and the tokens that stand for it.

A refresh token holds (session, generation) and nothing that isn't in the session's row, so the *same* successor can be
signed again for a caller whose answer was lost, without being stored.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from accounts import alerts, emails, notices, refreshing, sign_ins
from accounts.models import Alert, Developer, Session, audit
from accounts.signing import MAX_TOKEN, SessionAccessToken, SessionRefreshToken
from protocol.address import network_of
from protocol.current import Proved, caller_of
from protocol.problems import InvalidToken


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
    # The idle end is never past the absolute one: an access token lives no longer than its session.
    ends = min(now + settings.ACCESS_TOKEN_LIFETIME, int(session.expires_at.timestamp()))
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
    """Begin a session for a developer who has just proved who they are (`gave_factor`: by a second factor too).

    A password change that came between the proof and this ends the session at once, as if the sign-in had come first:
    the developer's row is locked, so the change either sees this session or is seen here.

    Raises:
        Forbidden `email_not_verified`.
    """
    now = Developer.objects.select_for_update(no_key=True).get(pk=developer.pk)
    emails.require_proved(now)
    is_new = sign_ins.is_new(developer, caller_of(request))
    session = Session.open(developer, kind, caller_of(request), factor=developer.gave_factor)
    request.proved = proved_by(developer)
    audit.record(developer, audit.Action.SESSION_OPENED, session, team=developer.home_team_id, kind=str(kind))
    if now.password != developer.password or not now.is_active:
        close(session, by=None, reason=Session.Reason.PASSWORD_CHANGED)
    elif is_new:
        notices.new_sign_in(session)
    return session


def proved_by(developer: Developer) -> Proved:
    """Whose request this was: the developer's, and their home team's, unless they have left it."""
    home = developer.present_home_team()
    return Proved(home.pk if home else None, developer_id=developer.pk)


def require_live(session: Session | None) -> None:
    """Within a transaction: keep this session open until its end. Raises InvalidToken when it is over already.

    Authentication looked before the caller queued for a lock; what is made after a sign-out must not outlive it.
    """
    if session is None:
        return
    if not Session.objects.live().select_for_update(no_key=True).filter(pk=session.pk).first():
        raise InvalidToken("This sign-in has ended: sign in again.")


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
    caller = caller_of(request)
    session = refreshing.rotate(claims, caller)
    if session is not None:
        return pair_for(session)
    session = _live_session(claims)
    request.proved = proved_by(session.developer)
    # A rotation that another was faster with, seen by its loser, is a retry like that of an answer that was lost.
    if 1 < session.generation == claims["gen"] + 1 and _is_retry(session, caller):
        return pair_for(session)
    _end_replayed(session)
    raise RefreshRejected(replayed=True)


def _live_session(claims) -> Session:
    session = (
        Session.objects.select_related("developer")
        .live()
        .filter(pk=claims["sid"], developer_id=claims["sub"], developer__is_active=True, kind=Session.Kind.API)
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
def _end_replayed(session: Session) -> None:
    if session.close(Session.Reason.REPLAY):
        team = session.developer.home_team_id
        audit.record(None, audit.Action.SESSION_REPLAYED, session, team=team, developer=str(session.developer_id))
        _tell_of_replay(session, team)


def _tell_of_replay(session: Session, team) -> None:
    """To its developer, as the alert of their home team; whoever has left home is told all the same."""
    if team is None:
        notices.session_replayed(session)
        return
    about = {"team_id": team, "subject_id": session.pk, "developer_id": session.developer_id}
    alert = alerts.from_here(kind=Alert.Kind.SESSION_REPLAYED, **about)
    alerts.tell(alert, lambda: notices.session_replayed(session))


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
        audit.record(by, audit.Action.SESSION_CLOSED, session, team=session.developer.home_team_id, reason=str(reason))
    return ended


@transaction.atomic
def close_all(developer: Developer, *, by, but=None, reason=Session.Reason.LOGOUT) -> int:
    """End every session and portal sign-in of a developer; answers how many."""
    ended = Session.objects.of(developer).close(reason, but=but)
    if ended:
        audit.record(by, audit.Action.SESSIONS_CLOSED, developer, team=developer.home_team_id, ended=ended)
    return ended


@transaction.atomic
def close_everybodys(*, by, reason: str) -> int:
    """End every session and portal sign-in there is, for `reason` (a word for the audit); answers how many."""
    ended = Session.objects.close(Session.Reason.OPERATOR)
    if ended:
        audit.record(by, audit.Action.SESSIONS_CLOSED, None, ended=ended, reason=reason)
    return ended
