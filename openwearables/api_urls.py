"""Every REST route, on one page. No slash at the end, no redirects."""

from django.urls import path

from accounts.api import account, registration, sign_in, teams
from apikeys.api import alerts, export, keys, leaks, members, requests, usage
from openwearables.schema import openapi
from protocol import ids  # noqa: F401 - registers the path converter "id"
from wearables import api as people

key_routes = [
    ("api-keys", keys.KeyListView),
    ("api-keys/self", keys.SelfView),
    ("api-keys/report", leaks.ReportView),
    ("api-keys/<id:key_id>", keys.KeyView),
    ("api-keys/<id:key_id>/rotate", keys.RotateView),
    ("api-keys/<id:key_id>/usage", usage.KeyUsageView),
]

urlpatterns = [
    # What programs call all day stands first: Django tries one after the other.
    path("users", people.EndUserListView.as_view()),
    path("users/<id:user_id>", people.EndUserView.as_view()),
    path("users/<id:user_id>/export", people.EndUserExportView.as_view()),
    path("auth/login", sign_in.LoginView.as_view()),
    path("token/refresh", sign_in.RefreshView.as_view()),
    path("token/revoke", sign_in.RevokeView.as_view()),
    path("auth/me", account.MeView.as_view()),
    path("auth/me/export", export.MyExportView.as_view()),
    path("auth/register", registration.RegisterView.as_view()),
    path("auth/forgot-password", registration.ForgotPasswordView.as_view()),
    path("auth/reset-password", registration.ResetPasswordView.as_view()),
    path("auth/change-password", account.ChangePasswordView.as_view()),
    path("auth/logout", account.LogoutView.as_view()),
    path("auth/logout-all", account.LogoutAllView.as_view()),
    path("auth/sessions", account.SessionsView.as_view()),
    path("auth/sessions/<id:session_id>", account.SessionView.as_view()),
    *[path(route, view.as_view()) for route, view in key_routes],
    # What existing clients call.
    *[path(f"developer/{route}", view.as_view()) for route, view in key_routes],
    path("teams", teams.TeamListView.as_view()),
    path("teams/<id:team_id>", teams.TeamView.as_view()),
    path("developers", members.MemberListView.as_view()),
    path("developers/<id:developer_id>", members.MemberView.as_view()),
    path("invitations", teams.InvitationListView.as_view()),
    path("invitations/accept", teams.AcceptView.as_view()),
    path("invitations/<id:invitation_id>", teams.InvitationView.as_view()),
    path("invitations/<id:invitation_id>/resend", teams.ResendView.as_view()),
    path("usage", usage.TeamUsageView.as_view()),
    path("requests", requests.RequestListView.as_view()),
    path("requests/<request:request_id>", requests.RequestView.as_view()),
    path("alerts", alerts.AlertListView.as_view()),
    path("alerts/<id:alert_id>", alerts.AlertView.as_view()),
    path("alert-mutes", alerts.MuteListView.as_view()),
    path("alert-mutes/<id:mute_id>", alerts.MuteView.as_view()),
    path("openapi.json", openapi, name="schema"),
]
