"""The lock that every sign-in turns: API, portal and admin all come through `authenticate()` to here."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import make_password

from accounts import attempts, factors
from accounts.factors import codes
from accounts.models import Developer
from accounts.passwords import MAX_BYTES
from protocol.problems import Unauthorized


def password_matches(developer: Developer | None, password: str) -> bool:
    """Whether the password is right; takes one hash's time whoever it is for, and whatever is sent."""
    fits = len(password.encode("utf-8", "replace")) <= MAX_BYTES
    if developer is None or not fits or not developer.has_usable_password():
        make_password(password if fits else "")
        return False
    return developer.check_password(password) and developer.is_active


class DeveloperBackend(AuthenticationBackend):
    """allauth's backend with our counter before the hash.

    Takes `email` or `username`. Answers None for unknown, wrong, inactive and unusable alike; raises TooManyAttempts,
    which the middleware and DRF's handler turn into 429 (Django's own PermissionDenied would become a 401).

    A door that has one step sends `otp`, '' for none, and a developer with a second factor comes through only with a
    good code. A door that sends no `otp` (a browser's) asks for the factor on its next page (allauth's stages).
    """

    def authenticate(self, request, **credentials):
        """The developer whose e-mail and password (and code) these are, or None.

        Raises:
            TooManyAttempts
            Unauthorized: `otp_required`, for the right password without the code that is needed; it is no failure.
        """
        email = credentials.get("email") or credentials.get("username") or ""
        password = credentials.get("password") or ""
        if not email or not password:
            return None
        found: list[Developer] = []

        def matches() -> bool | str:
            """Look only now: whoever is past a limit costs no query."""
            developer = Developer.objects.filter(email=Developer.objects.normalize_email(email)).first()
            if not password_matches(developer, password):
                return False
            assert developer is not None  # noqa: S101 - nobody has no password that matches
            found.append(developer)
            return _factor_fits(developer, credentials.get("otp"))

        return found[0] if attempts.check(email, matches) else None


def _factor_fits(developer: Developer, otp: str | None) -> bool | str:
    if not factors.asks(developer):
        return True
    if otp is None:
        return attempts.HALFWAY
    if not otp:
        raise Unauthorized(
            "This account has a second factor: send a code of the authenticator app, or a recovery code, as otp.",
            code="otp_required",
        )
    developer.gave_factor = codes.spend(developer, otp)
    return developer.gave_factor
