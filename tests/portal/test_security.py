"""ux.md, “security”: set a second factor up, sign in by it, lose it, and what the mail says of it."""

import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.db import connection
from fido2.utils import websafe_decode

from accounts import factors
from accounts.models import AuditEvent, Developer, Session
from tests.codes import SECRET, app_code, passkey, passkey_answer
from tests.conftest import PASSWORD
from tests.portal.conftest import Browser

STEP = "/sign-in/second-step/"


@pytest.fixture
def guarded(ann):
    """Ann, with an authenticator app."""
    ann.recovery_codes = factors.add_totp(ann, SECRET, app_code(ahead=-1), by=ann)
    mail.outbox.clear()
    return ann


@pytest.fixture
def inside(guarded):
    """A browser that Ann signed in by both steps."""
    browser = Browser()
    browser.sign_in(guarded)
    assert browser.post(STEP, {"code": guarded.recovery_codes[9]}).status_code == 302
    return browser


def secret_on(page):
    return re.search(r'id="secret" class="secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")


def test_the_page_says_that_nothing_is_set_up_and_where_one_signed_in(anns):
    page = anns.get("/security/")
    for words in ("Off", "Set up an authenticator app", "Set up a passkey", "Signed in", "Change the password"):
        assert words in page.text
    assert page["Cache-Control"] == "no-store"


def test_an_app_is_set_up_by_its_first_code_and_the_recovery_codes_are_shown_once(
    anns, ann, django_capture_on_commit_callbacks
):
    page = anns.get("/security/app/")
    secret = secret_on(page)
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert secret_on(anns.get("/security/app/")) == secret  # a reload makes no second one
    assert "Is the clock of your device right?" in anns.post("/security/app/", {"code": "000000"}).text
    with django_capture_on_commit_callbacks(execute=True):
        shown = anns.post("/security/app/", {"code": app_code(secret)})
    codes = re.findall(r"\b\d{5} \d{5}\b", shown.text.partition('id="codes"')[2].partition("</code>")[0])
    assert len(set(codes)) == 10
    assert shown["Cache-Control"] == "no-store"
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        ([ann.email], "Two-factor sign-in: an authenticator app was added")
    ]
    assert AuditEvent.objects.get(action="factor.added").data == {"kind": "totp"}
    page = anns.get("/security/")
    assert "10 recovery codes are left" in page.text
    assert codes[0] not in page.text


def test_the_secret_of_an_app_that_is_being_set_up_lies_encrypted_in_the_session(anns):
    secret = secret_on(anns.get("/security/app/"))
    assert secret not in str(dict(anns.session))
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        assert secret not in str(cursor.fetchall())


def test_signing_in_takes_both_steps(guarded):
    browser = Browser()
    answer = browser.sign_in(guarded, next="/profile/")
    assert (answer.status_code, answer["Location"]) == (302, STEP)
    assert browser.get("/keys/").status_code == 302  # nobody is in yet
    assert "wrong, used or too old" in browser.post(STEP, {"code": "000000"}).text
    answer = browser.post(STEP, {"code": app_code()})
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert browser.get("/keys/").status_code == 200
    assert Session.objects.get(developer=guarded).factor_at is not None


def test_a_password_that_was_changed_between_the_steps_opens_nothing(guarded):
    browser = Browser()
    browser.sign_in(guarded)
    guarded.change_password("another horse battery staple", by=guarded)
    answer = browser.post(STEP, {"code": app_code()})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert browser.get("/keys/").status_code == 302
    assert not Session.objects.of(guarded).live().exists()


def test_who_typed_the_wrong_name_starts_again(guarded, bob):
    browser = Browser()
    browser.sign_in(guarded)
    assert browser.get("/sign-in/")["Location"] == STEP
    browser.post("/sign-out/")
    assert browser.sign_in(bob)["Location"] == "/keys/"


def test_a_recovery_code_is_a_second_step_too(inside, guarded):
    assert "9 recovery codes are left" in inside.get("/security/").text


def test_the_second_step_without_the_first_leads_to_the_door(guarded, nobody):
    answer = nobody.post(STEP, {"code": app_code()})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")


def test_wrong_codes_of_a_browser_count_over_every_door_and_the_password_wipes_none_out(guarded, settings):
    settings.LOGIN_RATE_LIMIT = [(3, 900), (100, 900), (100, 86400)]
    for _ in range(2):
        browser = Browser()
        browser.sign_in(guarded)
        assert browser.post(STEP, {"code": "000000"}).status_code == 200
    assert browser.post(STEP, {"code": "000000"}).status_code == 429
    assert Browser().sign_in(guarded).status_code == 429


@pytest.mark.parametrize(
    "sent", ["", "x", "[]", "{}", '{"id": 1}', "[" * 3000, '{"response": {"userHandle": "_"}}', "null"]
)
def test_no_odd_credential_is_a_passkey_nor_a_fault_of_ours(guarded, nobody, sent):
    nobody.sign_in(guarded)
    answer = nobody.post(STEP, {"credential": sent})
    assert answer.status_code == 200
    answer = Browser().post("/sign-in/passkey/", {"credential": sent})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")


@pytest.mark.parametrize("verified", [True, False])
def test_a_passkey_alone_opens_only_for_a_user_whom_its_device_verified(guarded, bob, nobody, verified):
    """A challenge of the second step, which asks for less, stays behind when that is given up."""
    device = ec.generate_private_key(ec.SECP256R1())
    made = passkey(device)
    factors.add_passkey(bob, "Key", made, by=bob)
    nobody.sign_in(guarded)
    nobody.get(STEP)
    challenge = websafe_decode(nobody.session["mfa.webauthn.state"]["challenge"])
    guarded.change_password("another passphrase of hers", by=guarded)
    assert nobody.get(STEP)["Location"] == "/sign-in/"
    answer = passkey_answer(device, made, challenge, bob, host="127.0.0.1", verified=verified)
    response = nobody.post("/sign-in/passkey/", {"credential": json.dumps(answer)})
    assert response["Location"] == ("/keys/" if verified else "/sign-in/")
    assert (nobody.get("/keys/").status_code == 200) is verified


def test_a_factor_is_removed_after_its_consequence_was_said_and_nobody_is_signed_out(
    inside, guarded, django_capture_on_commit_callbacks
):
    app = factors.of(guarded).get(type="totp")
    path = f"/security/factors/{app.pk}/remove/"
    assert "your password alone will open your account" in inside.get(path).text
    assert factors.asks(guarded)
    with django_capture_on_commit_callbacks(execute=True):
        assert inside.post(path).status_code == 302
    assert not factors.asks(guarded)
    assert "It was the last one" in mail.outbox[-1].body
    assert AuditEvent.objects.get(action="factor.removed").data == {"kind": "totp"}
    assert inside.get("/security/").status_code == 200
    assert inside.post(path).status_code == 404


def test_an_address_without_a_name_says_where_passkeys_are_made(anns):
    page = anns.get("/security/passkeys/new/")
    assert 'href="http://localhost:8000/security/passkeys/new/"' in page.text
    assert "data-passkey" not in page.text


def test_somebody_elses_factor_does_not_exist(guarded, bobs):
    app = factors.of(guarded).get(type="totp")
    for path in (f"/security/factors/{app.pk}/remove/", f"/security/passkeys/{app.pk}/"):
        assert bobs.get(path).status_code == bobs.post(path).status_code == 404
    assert factors.asks(guarded)


@pytest.mark.parametrize("path", ["/security/app/", "/security/passkeys/new/", "/security/api-session/"])
def test_what_changes_the_way_in_asks_for_a_recent_proof(anns, ann, grow_old, path):
    grow_old(ann)
    for answer in (anns.get(path), anns.post(path)):
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/confirm/")


def test_removing_and_new_codes_ask_for_a_recent_proof(inside, guarded, grow_old):
    grow_old(guarded)
    app = factors.of(guarded).get(type="totp")
    for path in (f"/security/factors/{app.pk}/remove/", "/security/recovery-codes/"):
        assert inside.post(path)["Location"].startswith("/confirm/")
    assert factors.asks(guarded)


def test_new_recovery_codes_are_shown_once_and_come_as_a_file(inside, guarded):
    shown = inside.post("/security/recovery-codes/")
    codes = re.findall(r"\d{5} \d{5}", shown.text.partition('id="codes"')[2].partition("</code>")[0])
    file = inside.post("/security/recovery-codes/download/", {"codes": "\n".join([*codes, "<script>"])})
    assert file["Content-Type"].startswith("text/plain")
    assert file["Content-Disposition"].startswith("attachment")
    assert re.findall(r"\d{5} \d{5}", file.text) == codes
    assert "script" not in file.text


def test_recovery_codes_need_a_factor_that_they_stand_in_for(anns):
    anns.post("/security/recovery-codes/")
    assert "add one first" in anns.get("/security/").text


def test_a_code_confirms_as_well_as_the_password(inside, guarded, grow_old):
    grow_old(guarded)
    page = inside.get("/confirm/")
    assert "Confirm by code" in page.text
    assert "Confirm by password" in page.text
    answer = inside.post("/confirm/", {"code": app_code(), "next": "/keys/new/"})
    assert answer["Location"] == "/keys/new/"
    assert inside.get("/keys/new/").status_code == 200


def test_a_sign_in_from_before_the_factor_gets_no_further_by_the_password(anns, ann):
    factors.add_totp(ann, SECRET, app_code(ahead=-1), by=ann)
    assert anns.get("/keys/new/")["Location"].startswith("/confirm/")
    assert 'name="password"' not in anns.get("/confirm/").text
    anns.post("/confirm/", {"password": PASSWORD})
    assert anns.get("/keys/new/").status_code == 302
    anns.post("/confirm/", {"code": app_code()})
    assert anns.get("/keys/new/").status_code == 200


def test_the_sign_in_that_set_the_factor_up_goes_on_and_the_others_must_give_it(anns, ann, browser_of):
    other = browser_of(ann)
    assert other.get("/keys/new/").status_code == 200
    anns.post("/security/app/", {"code": app_code(secret_on(anns.get("/security/app/")))})
    assert anns.get("/keys/new/").status_code == 200
    assert other.get("/keys/new/")["Location"].startswith("/confirm/")


def test_an_api_session_of_the_portal_is_shown_once_and_works(anns, ann, api):
    assert "as if a program had signed in" in anns.get("/security/api-session/").text
    page = anns.post("/security/api-session/")
    token = re.search(r'id="access" class="secret">([\w.-]+)<', page.text)[1]
    assert page["Cache-Control"] == "no-store"
    assert api.with_token(token).call("GET", "/auth/me").json()["email"] == ann.email
    assert token not in anns.get("/sessions/").text


@pytest.fixture
def olga(db):
    return Developer.objects.create_superuser("olga@example.com", PASSWORD)


def test_staff_without_a_factor_is_led_to_set_one_up(olga, browser_of, settings):
    settings.REQUIRE_STAFF_MFA = True
    browser = browser_of(olga)
    answer = browser.get("/admin/")
    assert (answer.status_code, answer["Location"]) == (302, "/security/")
    assert "Operators need a second factor" in browser.get("/security/").text
    secret = secret_on(browser.get("/security/app/"))
    browser.post("/security/app/", {"code": app_code(secret)})
    assert browser.get("/admin/").status_code == 200


def test_staff_whose_sign_in_never_gave_its_factor_is_asked_for_it(olga, browser_of, settings):
    settings.REQUIRE_STAFF_MFA = True
    browser = browser_of(olga)
    factors.add_totp(olga, SECRET, app_code(ahead=-1), by=olga)
    assert browser.get("/admin/")["Location"].startswith("/confirm/")
    browser.post("/confirm/", {"code": app_code()})
    assert browser.get("/admin/").status_code == 200


def test_local_mode_opens_the_admin_without_a_factor(olga, browser_of):
    assert browser_of(olga).get("/admin/").status_code == 200


def test_an_operator_takes_a_developers_factors_away_and_sees_no_secret(
    olga, guarded, browser_of, django_capture_on_commit_callbacks
):
    browser = browser_of(olga)
    page = browser.get(f"/admin/accounts/developer/{guarded.pk}/change/")
    assert "Remove second factors" in page.text
    assert "TOTP Authenticator, Recovery codes" in page.text
    assert SECRET not in page.text
    asked = {"action": "remove_factors", "_selected_action": [str(guarded.pk)]}
    assert "the password alone opens" in " ".join(browser.post("/admin/accounts/developer/", asked).text.split())
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/admin/accounts/developer/", {**asked, "sure": "yes"})
    assert not factors.asks(guarded)
    event = AuditEvent.objects.get(action="factor.all_removed")
    assert (event.actor_id, event.target_id) == (olga.pk, guarded.pk)
    assert mail.outbox[-1].to == [guarded.email]


def test_after_a_restore_the_page_says_that_the_recovery_codes_are_void_and_makes_new_ones(inside, guarded):
    factors.void_recovery_codes(by="command", reason="restored")
    page = inside.get("/security/").text
    assert "None left" in page and "0 recovery codes are left" in page
    assert "Voided the recovery codes" in page
    assert inside.post("/security/recovery-codes/", {}).status_code == 200
    assert "10 recovery codes are left" in inside.get("/security/").text
