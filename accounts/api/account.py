"""A developer's own account: who am I, my password, my sessions."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.response import Response

from accounts import cookies, notices, tokens
from accounts.models import Session
from accounts.permissions import DeveloperOnly
from accounts.serializers import Ended, Me, MeChange, Message, PasswordChange, SessionSerializer
from protocol.endpoint import Call, Endpoint


class AccountEndpoint(Endpoint):
    """For developers alone."""

    permission_classes = (DeveloperOnly,)


class MeView(AccountEndpoint):
    """GET, PATCH /auth/me"""

    calls = {
        "GET": Call("get_me", answers={200: Me}),
        "PATCH": Call("update_me", body=MeChange, answers={200: Me}),
    }

    def get(self, request):
        """The developer who is calling."""
        return Response(Me(request.user).data)

    def patch(self, request):
        """Change one's names."""
        if self.body:
            request.user.rename(by=request.user, **self.body)
        return Response(Me(request.user).data)


class ChangePasswordView(AccountEndpoint):
    """POST /auth/change-password"""

    calls = {"POST": Call("change_password", body=PasswordChange, answers={200: Message})}

    def post(self, request):
        """Set a new password; every other session ends."""
        request.user.change_password(self.body["new_password"], by=request.user, keep=request.auth)
        notices.password_changed(request.user)
        return Response({"message": "Password updated successfully"})


class LogoutView(AccountEndpoint):
    """POST /auth/logout"""

    calls = {"POST": Call("logout", answers={200: Message})}

    def post(self, request):
        """End this session, access token included."""
        tokens.close(request.auth, by=request.user, reason=Session.Reason.LOGOUT)
        response = Response({"message": "Successfully logged out"})
        cookies.clear(response)
        return response


class LogoutAllView(AccountEndpoint):
    """POST /auth/logout-all"""

    calls = {"POST": Call("logout_all", answers={200: Ended})}

    def post(self, request):
        """End every session and portal sign-in of the caller."""
        response = Response({"ended": tokens.close_all(request.user, by=request.user)})
        cookies.clear(response)
        return response


class SessionsView(AccountEndpoint):
    """GET /auth/sessions"""

    calls = {"GET": Call("list_sessions", answers={200: SessionSerializer(many=True)})}

    def get(self, request):
        """The caller's live sessions, newest first."""
        sessions = Session.objects.of(request.user).live().order_by("-created_at", "-pk")[:200]
        return Response(SessionSerializer(sessions, many=True, context={"request": request}).data)


class SessionView(AccountEndpoint):
    """DELETE /auth/sessions/{id}"""

    calls = {"DELETE": Call("end_session", answers={204: None}, refusals=(404,))}

    def delete(self, request, session_id):
        """End one of the caller's sessions."""
        session = get_object_or_404(Session.objects.of(request.user).select_related("developer"), pk=session_id)
        if not tokens.close(session, by=request.user):
            raise Http404
        return Response(status=204)
