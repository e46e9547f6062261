"""Every REST route, on one page. No slash at the end, no redirects."""

from django.urls import path

from accounts.api import account, sign_in
from apikeys import api as keys
from openwearables.schema import openapi
from protocol import ids  # noqa: F401 - registers the path converter "id"
from wearables import api as people

key_routes = [
    ("api-keys", keys.KeyListView),
    ("api-keys/self", keys.SelfView),
    ("api-keys/<id:key_id>", keys.KeyView),
    ("api-keys/<id:key_id>/rotate", keys.RotateView),
]

urlpatterns = [
    path("auth/login", sign_in.LoginView.as_view()),
    path("token/refresh", sign_in.RefreshView.as_view()),
    path("token/revoke", sign_in.RevokeView.as_view()),
    path("auth/me", account.MeView.as_view()),
    path("auth/change-password", account.ChangePasswordView.as_view()),
    path("auth/logout", account.LogoutView.as_view()),
    path("auth/logout-all", account.LogoutAllView.as_view()),
    path("auth/sessions", account.SessionsView.as_view()),
    path("auth/sessions/<id:session_id>", account.SessionView.as_view()),
    *[path(route, view.as_view()) for route, view in key_routes],
    # What existing clients call.
    *[path(f"developer/{route}", view.as_view()) for route, view in key_routes],
    path("users", people.EndUserListView.as_view()),
    path("users/<id:user_id>", people.EndUserView.as_view()),
    path("openapi.json", openapi, name="schema"),
]
