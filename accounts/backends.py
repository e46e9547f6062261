"""The lock that every sign-in turns: API, portal and admin all come through `authenticate()` to here."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import make_password

from accounts import attempts
from accounts.models import Developer
from accounts.passwords import MAX_BYTES


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
    """

    def authenticate(self, request, **credentials):
        """The developer whose e-mail and password these are, or None."""
        email = credentials.get("email") or credentials.get("username") or ""
        password = credentials.get("password") or ""
        if not email or not password:
            return None
        developer = Developer.objects.filter(email=Developer.objects.normalize_email(email)).first()
        return developer if attempts.check(email, lambda: password_matches(developer, password)) else None
