"""Where allauth's pages meet our rules: sessions are ours, `?next=` stays here."""

from contextlib import suppress

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import emails, tokens
from accounts.models import Session
from protocol.problems import TooManyAttempts

PROVED = "proved_password"  # where the browser's session keeps Django's own HMAC of the password's hash


def sign_in_browser(request, developer) -> Session:
    """Open a browser session beside Django's, which only remembers its id: ending the row ends the sign-in."""
    session = tokens.open_session(developer, request, Session.Kind.BROWSER)
    request.session["session_id"] = str(session.pk)
    request.session_row = session
    return session


def is_same_password(request, developer) -> bool:
    """Whether the password that began this sign-in is still the password: the second step may come much later."""
    return constant_time_compare(request.session.get(PROVED, ""), developer.get_session_auth_hash())


class AccountAdapter(DefaultAccountAdapter):
    """allauth, asking us."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Incorrect e-mail or password.",
    }

    def is_open_for_signup(self, request) -> bool:
        """SIGNUP_OPEN."""
        return settings.SIGNUP_OPEN

    def send_confirmation_mail(self, request, emailconfirmation, signup) -> None:
        """Ours, at a sign-in whose address is not proved yet; past the limit the one that was sent must do."""
        with suppress(TooManyAttempts):
            emails.send_again(emailconfirmation.email_address.email)

    def is_safe_url(self, url) -> bool:
        """A path of this site and nothing else: no host, not even our own, so that none can be forged."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def pre_login(self, request, user, **kwargs):
        """allauth's; what is proved now is the password that there is now (`is_same_password`)."""
        request.session[PROVED] = user.get_session_auth_hash()
        return super().pre_login(request, user, **kwargs)

    def login(self, request, user) -> None:
        """Sign in, then open our own session; allauth's records of this browser say by what."""
        user.gave_factor = any(record.get("method") == "mfa" for record in get_authentication_records(request, user))
        super().login(request, user)
        sign_in_browser(request, user)

    def logout(self, request) -> None:
        """End our own session, then sign out."""
        session = getattr(request, "session_row", None)
        if session is not None:
            tokens.close(session, by=request.user, reason=Session.Reason.LOGOUT)
        super().logout(request)
