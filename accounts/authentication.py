"""Who is calling, by JWT: one query joins session and developer.

Sets `request.user` to the Developer and `request.auth` to the Session. Steps aside for a bearer that does not look like
a JWT (an API key is not this app's business); refuses a JWT that is not good, or whose session is over.
"""

import jwt
from django.conf import settings
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken as LibraryInvalidToken

from accounts.models import Session
from accounts.signing import LEEWAY, SessionAccessToken
from protocol.problems import InvalidToken


def bearer_of(request) -> str | None:
    """The bearer credential of a request, whatever the case of its scheme (RFC 9110 §11.1)."""
    scheme, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return rest.strip() or None if scheme.lower() == "bearer" else None


def is_ours(bearer: str) -> bool:
    """Whether a bearer is a JWT of this service: its header names a key of ours (which proves nothing yet)."""
    if bearer.count(".") != 2:
        return False
    try:
        return jwt.get_unverified_header(bearer).get("kid") in settings.JWT_SIGNING_KEYS
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return False


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
            raise InvalidToken from error
        session = self.get_session(claims)
        request._request.session_row = session
        return session.developer, session

    def get_validated_token(self, raw_token):
        """Verify with our own token class alone."""
        if raw_token.count(b".") != 2 or not raw_token.isascii():
            raise InvalidToken("This is neither an access token nor an API key.")
        return super().get_validated_token(raw_token)

    def get_session(self, claims: SessionAccessToken) -> Session:
        """The live session a token names, once its times fit that session's. Raises InvalidToken."""
        session = (
            Session.objects.live()
            .select_related("developer")
            .filter(pk=claims["sid"], developer_id=claims["sub"], developer__is_active=True)
            .first()
        )
        if session is None:
            raise InvalidToken("This access token's session is over: sign in again.")
        opened = int(session.created_at.timestamp()) - LEEWAY
        proved = int(session.auth_time.timestamp())
        if claims["iat"] < opened or not opened <= claims["auth_time"] <= proved:
            raise InvalidToken
        return session
