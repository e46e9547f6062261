"""Every page × everybody, generated from the url map: what is Ann's does not exist for Bob, whatever the page.

A page is closed to who is not signed in unless it stands in OPEN; a new id in a path that is not in `things` fails.
"""

import re

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts import factors
from accounts.models import Alert, AuditEvent, Developer, Membership, Role, Session
from apikeys import usage
from apikeys.models import ApiKey
from openwearables.portal_urls import urlpatterns
from tests.codes import SECRET, app_code, passkey
from tests.portal.conftest import Browser

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"
# Pages for whoever comes: the doors themselves, and what is written for everybody.
OPEN = {
    "account-keep",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_signup",
    "email-change",
    "email-change-form",
    "first-owner",
    "first-owner-form",
    "home",
    "invitation",
    "join",
    "mfa_login_webauthn",
    "reset",
    "reset-form",
    "verify",
    "verify-form",
}
# Pages of a viewer's own: everything else that is sent by POST belongs to those who manage.
OWN = {
    "account_login",
    "account_logout",
    "reauthenticate",
    "sessions-end-others",
    "session-end",
    "profile",
    "account-close",
}
ROUTES = {url.name: str(url.pattern) for url in urlpatterns if getattr(url.callback, "__name__", "") != "later"}
WITH_IDS = [name for name, route in ROUTES.items() if re.search(r"<\w+:\w*_id>", route)]
NUMBERED = {"factor_id"}  # allauth's rows
CLOSED = [name for name in ROUTES if name not in OPEN and not name.startswith("docs")]


def path_of(name, things):
    """The path of a page with these things in it."""
    words = re.findall(r"<\w+:(\w+)>", ROUTES[name])
    return reverse(name, kwargs={word: things[word] for word in words})


@pytest.fixture
def things(ann, anns, as_ann, new_key, sign_in):
    """One of each of Ann's things, by the name it has in a path."""
    user = as_ann.call("POST", "/users", {"first_name": "Zoe"}).json()
    sign_in(ann)
    session = as_ann.call("GET", "/auth/sessions").json()
    colleague = Developer.objects.create_user("cleo@example.com", None)
    Membership.objects.create(team=ann.home_team, developer=colleague, role=Role.DEVELOPER)
    invited = as_ann.call("POST", "/invitations", {"email": "guest@example.com"}).json()
    usage.flush()
    factors.add_totp(ann, SECRET, app_code(), by=ann)
    factors.add_passkey(ann, "Laptop", passkey(), by=ann)
    Session.objects.of(ann).update(factor_at=timezone.now())
    key = new_key(name="Thing")
    return {
        "alert_id": Alert.objects.get(key_id=key["id"]).pk,
        "factor_id": factors.passkeys_of(ann).get().pk,
        "key_id": key["id"],
        "user_id": user["id"],
        "session_id": next(row["id"] for row in session if not row["current"]),
        "developer_id": str(colleague.pk),
        "invitation_id": invited["id"],
        "token": "0" * 64,
        "request_id": as_ann.call("GET", "/requests").json()[0]["id"],
    }


# One test asks all pages: to make everything anew for each would take longer than all the rest of the portal's tests.


def test_nobody_is_led_to_the_sign_in(things):
    for name in CLOSED:
        for answer in (Browser().get(path_of(name, things)), Browser().post(path_of(name, things))):
            assert answer.status_code == 302, (name, answer.text)
            assert answer["Location"].startswith("/sign-in/"), name


def test_what_is_anns_looks_to_bob_like_what_never_was(things, ann, bob, browser_of):
    bobs = browser_of(bob)
    nothing = {word: 0 if word in NUMBERED else UNKNOWN for word in things}
    for name in WITH_IDS:
        for ask in (bobs.get, bobs.post):
            hers, never = ask(path_of(name, things)), ask(path_of(name, nothing))
            assert (hers.status_code, never.status_code) in ((404, 404), (302, 302), (405, 405)), name
            assert hers.get("Location") == never.get("Location"), name
            if hers.status_code == 302:
                assert bobs.get(hers["Location"]).status_code == 200, name
            assert factors.passkeys_of(ann).exists(), name
            unchanged = ApiKey.objects.get(pk=things["key_id"])
            assert (unchanged.name, unchanged.status, unchanged.replaced_by()) == ("Thing", "active", None), name


def test_looking_at_a_page_changes_nothing(things, anns):
    before = AuditEvent.objects.count()
    for name in CLOSED:
        assert anns.get(path_of(name, things)).status_code in (200, 302, 404, 405), name
        assert AuditEvent.objects.count() == before, name


def test_a_viewer_looks_and_changes_nothing_of_the_team(things, vera, browser_of):
    veras = browser_of(vera)
    before = AuditEvent.objects.count()
    for name in WITH_IDS:
        if name not in OWN:
            answer = veras.post(path_of(name, things), {"confirm": "Thing"})
            assert answer.status_code in (200, 302, 403, 404, 405), name
            assert AuditEvent.objects.count() == before, name


def test_every_page_can_be_reversed():
    for name, route in ROUTES.items():
        words = re.findall(r"<(\w+):(\w+)>", route)
        try:
            kinds = {"uuid": UNKNOWN, "request": UNKNOWN, "int": 1}
            reverse(name, kwargs={word: kinds.get(kind, "x") for kind, word in words})
        except NoReverseMatch:
            pytest.fail(name)
