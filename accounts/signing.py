"""The two kinds of token and the keys that sign them.

SimpleJWT's, HS256, signed by a key set: the first of JWT_SIGNING_KEYS signs, all verify, the header's `kid` says which
(RFC 7515 §4.1.4). The header never chooses the algorithm (RFC 8725 §3.1).
"""

import uuid
from datetime import timedelta
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

LEEWAY = 5  # seconds of clock difference forgiven for exp, nbf and iat
MAX_TOKEN = 1024  # bytes; ours are about 500
AUDIENCE = "open-wearables"

CLAIMS: dict[str, type] = {"iss": str, "aud": str, "sub": str, "sid": str, "jti": str, "token_type": str}
CLAIMS |= {"iat": int, "exp": int}


@lru_cache(256)
def kid_of(header: str) -> str:
    """Which key the first part of a JWT names; '' for none that could be ours. Ours all begin alike: kept."""
    try:
        said = jwt.get_unverified_header(f"{header}..")
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return ""
    kid = said.get("kid")
    return kid if isinstance(kid, str) and not said.get("crit") else ""


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
        text = token.decode() if isinstance(token, bytes) else token
        kid = kid_of(text.partition(".")[0])
        if kid not in settings.JWT_SIGNING_KEYS:
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
    payload: dict[str, Any]

    @property
    def token_backend(self) -> KeySetBackend:
        """Ours; made per use, since it holds nothing."""
        return KeySetBackend()

    def verify(self) -> None:
        """Check the types, that nothing is empty, then what the library checks."""
        for name, kind in {**CLAIMS, **self.extra}.items():
            value = self.payload.get(name)
            if type(value) is not kind or value == "":
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
