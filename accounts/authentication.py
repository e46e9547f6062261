"""Who is calling, by JWT: the signature, then one SELECT that joins session and developer.

Access is granted if and only if the token is signed by a key of ours with every claim in order (`signing`), a row has
its session and developer, the session is live, the developer is active, and the token's times fit the session's.

Sets `request.user` to the Developer and `request.auth` to the Session. Steps aside for a bearer that does not look like
a JWT (an API key is not this app's business); refuses a JWT that is not good, or whose session is over.
"""

import uuid

from django.conf import settings
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken as LibraryInvalidToken

from accounts.models import Developer, Session
from accounts.signing import LEEWAY, SessionAccessToken, kid_of
from protocol.current import Proved
from protocol.problems import InvalidToken
from protocol.sql import Columns, as_uuid, fetch_row

SESSION, DEVELOPER = Columns(Session, "s"), Columns(Developer, "d")
WHOSE = (
    f"SELECT m.team_id, {SESSION.sql}, {DEVELOPER.sql} "  # noqa: S608 - names of columns
    "FROM accounts_session s JOIN accounts_developer d ON d.id = s.developer_id "
    "LEFT JOIN accounts_membership m ON m.developer_id = d.id AND m.team_id = d.home_team_id "
    "WHERE s.id = %s AND d.id = %s"
)


def bearer_of(request) -> str | None:
    """The bearer credential of a request, whatever the case of its scheme (RFC 9110 §11.1)."""
    scheme, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return rest.strip() or None if scheme.lower() == "bearer" else None


def is_ours(bearer: str) -> bool:
    """Whether a bearer is a JWT of this service: its header names a key of ours (which proves nothing yet)."""
    return bearer.count(".") == 2 and kid_of(bearer.partition(".")[0]) in settings.JWT_SIGNING_KEYS


class SessionAuthentication(JWTAuthentication):
    """Access tokens, good only while their session lives."""

    www_authenticate_realm = "open-wearables"

    def authenticate(self, request):
        """(developer, session), None without a bearer. Raises InvalidToken."""
        bearer = bearer_of(request)
        if bearer is None:
            return None
        try:
            claims = self.get_validated_token(bearer.encode())
        except LibraryInvalidToken as error:
            raise InvalidToken(rule="signature or claims") from error
        session, team_id = find(claims)
        if session is None:
            raise InvalidToken(rule="no such session")
        request = request._request
        request.proved = Proved(team_id, developer_id=session.developer_id)
        if ended := why_over(session):
            raise InvalidToken("This access token's session is over: sign in again.", rule=ended)
        require_times_that_fit(claims, session)
        request.session_row = session
        return session.developer, session

    def get_validated_token(self, raw_token):
        """Verify with our own token class alone."""
        if raw_token.count(b".") != 2 or not raw_token.isascii():
            raise InvalidToken("This is neither an access token nor an API key.", rule="shape")
        return super().get_validated_token(raw_token)


def find(claims: SessionAccessToken) -> tuple[Session | None, uuid.UUID | None]:
    """(the session a token names, with its developer, good or not; the developer's home team, unless they left it).

    By hand, for every call asks this.
    """
    row = fetch_row(WHOSE, (uuid.UUID(claims["sid"]), uuid.UUID(claims["sub"])))
    if row is None:
        return None, None
    home, *columns = row
    session = SESSION.row(columns[: len(SESSION)])
    session.developer = DEVELOPER.row(columns[len(SESSION) :])
    return session, as_uuid(home) if home else None


def why_over(session: Session) -> str:
    """Why a session opens nothing any more; '' while it does."""
    if session.closed_at is not None:
        return f"session closed: {session.closed_reason}"
    if not session.is_live():
        return "session expired"
    return "" if session.developer.is_active else "developer disabled"


def require_times_that_fit(claims: SessionAccessToken, session: Session) -> None:
    """Raise InvalidToken for a token that claims to be older than its session, or its proof to be younger."""
    opened = int(session.created_at.timestamp()) - LEEWAY
    proved = int(session.auth_time.timestamp())
    if claims["iat"] < opened or not opened <= claims["auth_time"] <= proved:
        raise InvalidToken(rule="times that do not fit the session")
