"""Every portal page, on one page."""

from django.urls import path

from accounts import portal as account
from apikeys import portal as keys
from openwearables import docs

urlpatterns = [
    path("", account.home, name="home"),
    path("sign-in/", account.SignInView.as_view(), name="account_login"),
    path("sign-out/", account.SignOutView.as_view(), name="account_logout"),
    path("confirm/", account.reauthenticate, name="reauthenticate"),
    path("first-owner/", account.first_owner_form, name="first-owner-form"),
    path("first-owner/<str:token>/", account.first_owner, name="first-owner"),
    path("profile/", account.profile, name="profile"),
    path("profile/password-changed/", account.password_changed, name="password-changed"),
    path("profile/sessions/<uuid:session_id>/end/", account.session_end, name="session-end"),
    path("profile/sessions/end-others/", account.sessions_end_others, name="sessions-end-others"),
    path("keys/", keys.key_list, name="key-list"),
    path("keys/new/", keys.key_create, name="key-create"),
    path("keys/<uuid:key_id>/", keys.key_detail, name="key-detail"),
    path("keys/<uuid:key_id>/edit/", keys.key_edit, name="key-edit"),
    path("keys/<uuid:key_id>/rotate/", keys.key_rotate, name="key-rotate"),
    path("keys/<uuid:key_id>/revoke/", keys.key_revoke, name="key-revoke"),
    path("keys/<uuid:key_id>/disable/", keys.key_disable, name="key-disable"),
    path("keys/<uuid:key_id>/enable/", keys.key_enable, name="key-enable"),
    path("docs/errors", docs.errors, name="docs-errors"),
    # allauth's code and templates lead to these by name; until "The portal" brings the pages, they are 404.
    path("inactive/", account.later, name="account_inactive"),
    path("sign-up/", account.later, name="account_signup"),
    path("confirm-again/", account.later, name="account_reauthenticate"),
    path("profile/email/", account.later, name="account_email"),
    path("profile/email/sent/", account.later, name="account_email_verification_sent"),
    path("profile/email/<str:key>/", account.later, name="account_confirm_email"),
    path("profile/password/", account.later, name="account_change_password"),
    path("profile/password/set/", account.later, name="account_set_password"),
    path("password/reset/", account.later, name="account_reset_password"),
    path("password/reset/sent/", account.later, name="account_reset_password_done"),
    path("password/reset/<str:uidb36>-<str:key>/", account.later, name="account_reset_password_from_key"),
    path("password/reset/done/", account.later, name="account_reset_password_from_key_done"),
    path("sign-in/code/", account.later, name="account_request_login_code"),
    path("sign-in/code/confirm/", account.later, name="account_confirm_login_code"),
]
