"""A second factor at /auth/login: a code of an authenticator app or a recovery code, each good once."""

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection

from accounts import factors
from accounts.factors import codes
from accounts.models import AuditEvent, Session
from tests.accounts.conftest import ELSEWHERE, HOME, PASSWORD, TRAVELLING
from tests.codes import SECRET, app_code


@pytest.fixture
def guarded(ann):
    """Ann, with an authenticator app; her recovery codes are `guarded.recovery_codes`."""
    ann.recovery_codes = factors.add_totp(ann, SECRET, app_code(ahead=-1), by=ann)
    mail.outbox.clear()
    return ann


@pytest.fixture
def enter(api, ann):
    """enter(otp, password) → the answer of a sign-in as Ann."""

    def enter(otp=None, password=PASSWORD, **extra):
        body = {"username": ann.email, "password": password, **({} if otp is None else {"otp": otp})}
        return api.call("POST", "/auth/login", body, **{**HOME, **extra})

    return enter


def code_of(answer):
    return answer.status_code, answer.json().get("code")


def test_the_right_password_alone_is_asked_for_the_code(guarded, enter):
    for otp in (None, ""):
        answer = enter(otp)
        assert code_of(answer) == (401, "otp_required")
        assert answer.json()["error"] == "invalid_grant"
        assert answer["WWW-Authenticate"] == 'Bearer realm="open-wearables"'


def test_a_wrong_password_never_learns_that_there_is_a_second_factor(guarded, enter):
    for otp in (None, app_code()):
        assert code_of(enter(otp, "wrong")) == (401, "invalid_credentials")


def test_a_code_of_the_app_opens_once(guarded, enter, api):
    answer = enter(app_code())
    assert answer.status_code == 200
    assert api.with_token(answer.json()["access_token"]).call("GET", "/auth/me").json()["mfa_enabled"] is True
    assert Session.objects.get(developer=guarded).factor_at is not None
    assert code_of(enter(app_code())) == (401, "invalid_credentials")


def test_the_code_by_form_in_groups_and_from_a_clock_that_is_slow(guarded, api, clock):
    otp = app_code(ahead=1)
    answer = api.form("/auth/login", username=guarded.email, password=PASSWORD, otp=f" {otp[:3]} {otp[3:]} ")
    assert answer.status_code == 200


def test_codes_of_before_and_of_long_after_are_wrong(guarded, enter):
    for ahead in (-2, -1, 2):
        assert code_of(enter(app_code(ahead=ahead))) == (401, "invalid_credentials")


def test_a_recovery_code_opens_once_and_its_owner_is_told(guarded, enter, after_commit):
    otp = guarded.recovery_codes[3]
    with after_commit():
        assert enter(f"{otp[:5]}-{otp[5:]}").status_code == 200
    assert code_of(enter(otp)) == (401, "invalid_credentials")
    assert factors.recovery_codes_left(guarded) == 9
    assert AuditEvent.objects.get(action="recovery_codes.used").data == {"left": 9}
    [letter] = mail.outbox
    assert (letter.to, "9 are left" in letter.body) == ([guarded.email], True)
    assert otp not in letter.body


def test_who_has_no_factor_may_send_a_code(ann, enter):
    assert enter("123456").status_code == 200
    assert Session.objects.get(developer=ann).factor_at is None


@pytest.mark.parametrize("otp", ["", "0", "abcdef", "１２３４５６", "1234567890", "9" * 40])
def test_no_other_text_is_a_code(guarded, otp):
    assert codes.spend(guarded, otp) is False


def test_a_code_longer_than_any_is_a_fault_of_the_body(guarded, enter, faults_at):
    assert faults_at(enter("9" * 41)) == [("#/otp", "max_length")]


def test_wrong_codes_count_as_failures_and_the_right_password_does_not_wipe_them_out(guarded, enter, settings):
    settings.LOGIN_RATE_LIMIT = [(3, 900), (100, 900), (100, 86400)]
    for _ in range(2):
        assert code_of(enter("000000")) == (401, "invalid_credentials")
        assert code_of(enter()) == (401, "otp_required")
    assert code_of(enter("000000")) == (429, "too_many_attempts")
    assert code_of(enter(app_code())) == (429, "too_many_attempts")
    assert enter(app_code(), **ELSEWHERE).status_code == 200


def test_a_removed_app_is_asked_for_no_more_and_takes_the_recovery_codes_along(guarded, enter):
    assert factors.remove(factors.of(guarded).get(type="totp"), by=guarded)
    assert list(factors.of(guarded)) == []
    assert enter().status_code == 200


def test_every_factor_can_be_taken_away_at_once(guarded, enter):
    assert factors.remove_all(guarded, by=None) == 1
    assert enter().status_code == 200


def test_new_recovery_codes_make_the_old_ones_useless(guarded, enter):
    fresh = factors.make_recovery_codes(guarded, by=guarded)
    assert code_of(enter(guarded.recovery_codes[0])) == (401, "invalid_credentials")
    assert enter(fresh[0]).status_code == 200


def test_a_sign_in_from_a_new_place_is_told_to_its_owner(ann, enter, after_commit):
    with after_commit():
        enter(**HOME)
    assert mail.outbox == []  # the first ever is no news
    with after_commit():
        enter(**HOME)
    assert mail.outbox == []
    with after_commit():
        enter(**TRAVELLING)
    [letter] = mail.outbox
    assert (letter.to, "198.51.100.7" in letter.body) == ([ann.email], True)
    with after_commit():
        enter(**TRAVELLING)
    assert len(mail.outbox) == 1


def test_nothing_of_it_is_stored_in_clear(guarded):
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        kept = " ".join(str(row[0]) for row in cursor.fetchall())
    assert SECRET not in kept
    assert f"{next(iter(settings.MFA_ENCRYPTION_KEYS))}:gAAAA" in kept
