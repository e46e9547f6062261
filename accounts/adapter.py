"""Where allauth's pages meet our rules: sessions are ours, sign-up is closed for now."""

from allauth.account.adapter import DefaultAccountAdapter

from accounts.models import Session
from accounts.tokens import open_session


def sign_in_browser(request, developer) -> Session:
    """Open a browser session beside Django's, which only remembers its id: ending the row ends the sign-in."""
    session = open_session(developer, request, Session.Kind.BROWSER)
    request.session["session_id"] = str(session.pk)
    request.session_row = session
    return session


class AccountAdapter(DefaultAccountAdapter):
    """allauth, asking us."""

    def is_open_for_signup(self, request) -> bool:
        """Comes with the portal's own issue."""
        return False

    def login(self, request, user) -> None:
        """Sign in, then open our own session."""
        super().login(request, user)
        sign_in_browser(request, user)
