"""A forgotten password: a link to the address, once, for an hour."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.utils import timezone

from accounts import factors
from accounts import reset as rules
from accounts.models import Developer, Session
from tests.conftest import PASSWORD

NEW = "another password of hers"


def token_in(mail):
    return re.search(r"/password/reset/([^/]+)/", mail.body)[1]


@pytest.fixture
def token(api, ann, letters):
    """Of the mail to Ann, who forgot her password."""
    assert api.call("POST", "/auth/forgot-password", {"email": "ANN@example.com"}).status_code == 202
    return token_in(letters()[-1])


def reset(api, token, password=NEW):
    return api.call("POST", "/auth/reset-password", {"token": token, "password": password})


def test_it_sets_the_password_and_ends_every_sign_in(api, ann, as_ann, token, letters):
    assert reset(api, token).status_code == 204
    assert as_ann.call("GET", "/auth/me").status_code == 401
    assert api.call("POST", "/auth/login", {"username": ann.email, "password": PASSWORD}).status_code == 401
    assert api.call("POST", "/auth/login", {"username": ann.email, "password": NEW}).status_code == 200
    assert "password was changed" in letters()[-1].subject


def test_a_link_works_once(api, token, faults_at):
    reset(api, token)
    assert faults_at(reset(api, token)) == [("#/token", "invalid")]


def test_a_link_dies_after_an_hour(api, token):
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=5)):
        assert reset(api, token).status_code == 422


def test_a_changed_password_voids_it(api, ann, token):
    ann.change_password("yet another password", by=ann)
    assert reset(api, token).status_code == 422


def test_a_restore_voids_it(api, token):
    call_command("after_restore", since=timezone.now() - timedelta(hours=1), noinput=True, verbosity=0)
    assert reset(api, token).status_code == 422


@pytest.mark.parametrize("wrong", ["", "x", "a-b-c", "0-0-0", "é"])
def test_what_is_no_token_of_ours_is_422(api, db, wrong):
    assert reset(api, wrong).status_code == 422


def test_a_time_that_no_clock_shows_is_422(api, ann):
    for digits in (13, 264):
        assert reset(api, f"{ann.pk.hex}-{'f' * digits}-0").status_code == 422


def test_the_password_is_not_made_of_the_address_whose_link_it_is(api, ann, token, faults_at):
    assert faults_at(reset(api, token, "ann@example.com")) == [("#/password", "password_too_similar")]
    assert reset(api, token).status_code == 204, "the link is not used up by it"


def test_a_token_of_another_kind_opens_nothing(api, ann, as_ann, letters):
    body = {"email": "ann@new.example.com", "current_password": PASSWORD}
    as_ann.call("PATCH", "/auth/me", body)
    other = re.search(r"/profile/email/change/([^/]+)/", letters()[-1].body)[1]
    assert reset(api, other).status_code == 422


def test_an_unknown_address_gets_the_same_bytes_and_no_mail(api, ann, letters):
    known = api.call("POST", "/auth/forgot-password", {"email": ann.email})
    unknown = api.call("POST", "/auth/forgot-password", {"email": "nobody@example.com"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [mail.recipient for mail in letters()] == ["ann@example.com", ""]


def test_a_disabled_account_gets_none(api, ann, letters):
    ann.disable(by=None)
    api.call("POST", "/auth/forgot-password", {"email": ann.email})
    assert letters()[-1].recipient == ""


def test_it_proves_an_address_that_was_not_proved(api, letters, db):
    nora = Developer.objects.create_user("nora@example.com", PASSWORD, verified=False)
    api.call("POST", "/auth/forgot-password", {"email": nora.email})
    assert reset(api, token_in(letters()[-1])).status_code == 204
    assert EmailAddress.objects.get(user=nora).verified
    assert api.call("POST", "/auth/login", {"username": nora.email, "password": NEW}).status_code == 200


def test_a_second_factor_of_a_proved_account_stays(api, ann, token):
    secret = factors.generate_totp_secret()
    Authenticator.objects.create(user=ann, type=factors.Type.TOTP, data={"secret": secret})
    assert reset(api, token).status_code == 204
    assert factors.asks(ann), "a mailbox alone must not undo it"


def test_what_was_set_up_before_the_address_was_proved_goes(api, letters, db):
    nora = Developer.objects.create_user("nora@example.com", PASSWORD, verified=False)
    Authenticator.objects.create(user=nora, type=factors.Type.TOTP, data={"secret": "x"})
    session = Session.open(nora, Session.Kind.API, (None, ""))
    api.call("POST", "/auth/forgot-password", {"email": nora.email})
    reset(api, token_in(letters()[-1]))
    session.refresh_from_db()
    assert session.closed_at
    assert not factors.asks(nora)


def test_of_two_uses_at_once_one_wins(api, ann, token, monkeypatch):
    whose, used = rules.whose, []

    def and_then_the_other(token):
        found = whose(token)
        if not used:
            used.append(token)
            assert rules.reset(token, "the other's password here")
        return found

    monkeypatch.setattr(rules, "whose", and_then_the_other)
    assert rules.reset(token, NEW) is None
    ann.refresh_from_db()
    assert ann.check_password("the other's password here")
