"""A developer's own account: who am I, my password, my sessions."""

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import closing, cookies, emails, notices, tokens
from accounts.models import Session
from accounts.permissions import DeveloperOnly
from accounts.serializers import Closed, Closing, Ended, Me, MeChange, Message, PasswordChange, SessionSerializer
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint


class AccountEndpoint(Endpoint):
    """For developers alone."""

    permission_classes = (DeveloperOnly,)


class MeView(AccountEndpoint):
    """GET, PATCH, DELETE /auth/me"""

    calls = {
        "GET": Call("get_me", answers={200: Me}),
        "PATCH": Call("update_me", body=MeChange, answers={200: Me}),
        "DELETE": Call("close_account", body=Closing, answers={202: Closed}, refusals=("last_owner",)),
    }

    def get(self, request):
        """The developer who is calling."""
        return Answer(Me(request.user).data)

    def patch(self, request):
        """Change one's names; another e-mail waits until the link in the mail to it is opened."""
        if email := self.body.pop("email", None):
            emails.ask_change(request.user, email, by=request.user)
        if self.body:
            request.user.rename(by=request.user, **self.body)
        return Answer(Me(request.user).data)

    def delete(self, request):
        """Close the account: every sign-in ends at once; for seven days a link in the mail undoes it."""
        ends = closing.close(request.user, by=request.user)
        said = "Your account is closed, and every sign-in has ended. The link in our mail undoes it until erased_at."
        response = Answer(Closed({"message": said, "erased_at": ends}).data, status=202)
        cookies.clear(response)
        return response


class ChangePasswordView(AccountEndpoint):
    """POST /auth/change-password"""

    calls = {"POST": Call("change_password", body=PasswordChange, answers={200: Message})}

    def post(self, request):
        """Set a new password; every other session ends."""
        with transaction.atomic():
            request.user.change_password(self.body["new_password"], by=request.user, keep=request.auth)
            notices.password_changed(request.user)
        return Answer({"message": "Password updated successfully"})


class LogoutView(AccountEndpoint):
    """POST /auth/logout"""

    calls = {"POST": Call("logout", answers={200: Message})}

    def post(self, request):
        """End this session, access token included."""
        tokens.close(request.auth, by=request.user, reason=Session.Reason.LOGOUT)
        response = Answer({"message": "Successfully logged out"})
        cookies.clear(response)
        return response


class LogoutAllView(AccountEndpoint):
    """POST /auth/logout-all"""

    calls = {"POST": Call("logout_all", answers={200: Ended})}

    def post(self, request):
        """End every session and portal sign-in of the caller."""
        response = Answer({"ended": tokens.close_all(request.user, by=request.user)})
        cookies.clear(response)
        return response


class SessionsView(AccountEndpoint):
    """GET /auth/sessions"""

    calls = {"GET": Call("list_sessions", answers={200: SessionSerializer(many=True)})}

    def get(self, request):
        """The caller's live sessions, newest first."""
        sessions = Session.objects.of(request.user).live().order_by("-created_at", "-pk")[:200]
        return Answer(SessionSerializer(sessions, many=True, context={"request": request}).data)


class SessionView(AccountEndpoint):
    """DELETE /auth/sessions/{id}"""

    calls = {"DELETE": Call("end_session", answers={204: None})}

    def delete(self, request, session_id):
        """End one of the caller's sessions."""
        session = get_object_or_404(Session.objects.of(request.user).select_related("developer"), pk=session_id)
        if not tokens.close(session, by=request.user):
            raise Http404
        return Answer(status=204)
