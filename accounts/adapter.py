"""Where allauth's pages meet our rules: sessions are ours, sign-up is closed for now, `?next=` stays here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import tokens
from accounts.models import Session


def sign_in_browser(request, developer) -> Session:
    """Open a browser session beside Django's, which only remembers its id: ending the row ends the sign-in."""
    session = tokens.open_session(developer, request, Session.Kind.BROWSER)
    request.session["session_id"] = str(session.pk)
    request.session_row = session
    return session


class AccountAdapter(DefaultAccountAdapter):
    """allauth, asking us."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Incorrect e-mail or password.",
    }

    def is_open_for_signup(self, request) -> bool:
        """Comes with the portal's own issue."""
        return False

    def is_safe_url(self, url) -> bool:
        """A path of this site and nothing else: no host, not even our own, so that none can be forged."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def login(self, request, user) -> None:
        """Sign in, then open our own session."""
        super().login(request, user)
        sign_in_browser(request, user)

    def logout(self, request) -> None:
        """End our own session, then sign out."""
        session = getattr(request, "session_row", None)
        if session is not None:
            tokens.close(session, by=request.user, reason=Session.Reason.LOGOUT)
        super().logout(request)
