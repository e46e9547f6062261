"""A browser's sign-in is good only while its session row lives: ending the row ends it at once."""

from contextlib import suppress

from django.contrib.auth import logout
from django.db import DatabaseError
from django.urls import reverse

from accounts.models import Session


class BrowserSessionMiddleware:
    """Sets `request.session_row`; signs out a browser whose session is over.

    A form that is sent after that leads to the sign-in, which says by `unsent` that nothing was done: a key that
    somebody believes disabled is worse than one that they know to work.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        self.check(request)
        response = self.get_response(request)
        if request.method == "POST" and response.get("Location", "").startswith(f"{reverse('account_login')}?next="):
            response["Location"] += "&unsent=1"
        return response

    def check(self, request) -> None:
        """Look the row up, where Django's session says somebody is signed in."""
        if "_auth_user_id" not in request.session:
            return
        session = (
            Session.objects.live()
            .filter(
                pk=request.session.get("session_id"),
                developer_id=request.session["_auth_user_id"],
                developer__is_active=True,
                kind=Session.Kind.BROWSER,
            )
            .first()
        )
        if session is None:
            logout(request)
            return
        request.session_row = session
        with suppress(DatabaseError):  # one that takes no writes can still be read
            if session.touch():
                request.session.modified = True  # Django's own session and its cookie last as long as ours
