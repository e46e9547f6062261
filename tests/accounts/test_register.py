"""Signing up: an account that can do nothing until its address is proved, and nobody learns who has one."""

import re

import pytest
from django.db import connection
from django.test import RequestFactory

from accounts.models import AuditEvent, Developer, Session, Team, WaitingMail
from accounts.tokens import open_session
from protocol.problems import Forbidden
from tests.conftest import PASSWORD

NORA = {"email": "Nora@example.com", "password": "a password of her own", "first_name": "Nora"}


@pytest.fixture(autouse=True)
def open_house(settings):
    settings.SIGNUP_OPEN = True


def link_in(mail):
    return re.search(r"http://[^/]+(/\S+)", mail.body)[1]


def test_closed_is_403_whatever_is_sent(api, db, settings):
    settings.SIGNUP_OPEN = False
    for body in ({}, NORA):
        answer = api.call("POST", "/auth/register", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "signup_closed")
    assert not Developer.objects.exists()


def test_a_new_account_can_do_nothing_but_prove_its_address(api, letters, db):
    assert api.call("POST", "/auth/register", NORA).status_code == 202
    for password, status, code in (
        (NORA["password"], 403, "email_not_verified"),
        ("wrong", 401, "invalid_credentials"),
    ):
        answer = api.call("POST", "/auth/login", {"username": "nora@example.com", "password": password})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [mail.recipient for mail in letters()] == ["nora@example.com"]


def test_a_taken_address_gets_the_same_bytes_and_its_owner_a_mail(api, ann, letters):
    taken = api.call("POST", "/auth/register", {**NORA, "email": ann.email})
    free = api.call("POST", "/auth/register", NORA)
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    assert [(mail.recipient, "Somebody asked" in mail.subject) for mail in letters()] == [
        ("ann@example.com", True),
        ("nora@example.com", False),
    ]
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_a_mail_to_an_address_that_nobody_proved_says_nothing_that_the_sender_wrote(api, as_ann, ann, letters):
    lure = "Your prize: https://evil.example"
    api.call("POST", "/auth/register", {**NORA, "first_name": lure})
    api.call("POST", "/auth/forgot-password", {"email": NORA["email"]})
    as_ann.call("PATCH", "/auth/me", {"last_name": lure})
    as_ann.call("PATCH", "/auth/me", {"email": "zoe@example.com", "current_password": PASSWORD})
    to_strangers = [mail for mail in letters() if mail.recipient != ann.email]
    assert len(to_strangers) == 3
    assert not any("evil.example" in mail.subject + mail.body for mail in to_strangers)


def test_signing_up_again_begins_anew_and_voids_the_older_link(api, letters, client, db):
    api.call("POST", "/auth/register", NORA)
    old = link_in(letters()[-1])
    api.call("POST", "/auth/register", {**NORA, "password": "another password of hers"})
    assert client.get(old, follow=True).status_code == 404
    assert client.get(link_in(letters()[-1]), follow=True).status_code == 200
    assert Developer.objects.get().check_password("another password of hers")


def test_all_faults_are_told_at_once(api, db, faults_at):
    answer = api.call("POST", "/auth/register", {"email": "x", "password": "short", "admin": True})
    assert {place for place, _ in faults_at(answer)} == {"#/email", "#/password", "#/admin"}


def test_the_password_is_not_made_of_the_address(api, db, faults_at):
    answer = api.call("POST", "/auth/register", {"email": "nora.nordstrom@example.com", "password": "nora.nordstrom"})
    assert faults_at(answer) == [("#/password", "password_too_similar")]


def test_nobody_is_flooded_with_mail_and_nothing_is_told_by_it(api, ann, monkeypatch):
    monkeypatch.setattr("accounts.emails.MAILS_TO_ONE", (1, 3600))
    for email in ("nora@example.com", ann.email):
        assert api.call("POST", "/auth/register", {**NORA, "email": email}).status_code == 202
        answer = api.call("POST", "/auth/register", {**NORA, "email": email})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")


def test_the_mail_that_waits_tells_a_dump_nothing(api, letters, db):
    api.call("POST", "/auth/register", NORA)

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM accounts_waitingmail")
        (kept,) = cursor.fetchone()
    assert kept.startswith("sealed:")
    assert link_in(letters()[-1]) not in kept


def test_a_credential_is_not_looked_at(api, db):
    assert api.with_token("nonsense").call("POST", "/auth/register", NORA).status_code == 202
    assert WaitingMail.objects.count() == 1


def test_what_a_taken_address_writes_in_vain_is_not_kept(api, ann, letters):
    api.call("POST", "/auth/register", {**NORA, "email": ann.email})
    assert Developer.objects.count() == Team.objects.count() == 1
    assert not AuditEvent.objects.exclude(target_id=ann.pk).exists()


def test_no_door_opens_for_an_unproved_account(api, ann):
    ann.emailaddress_set.update(verified=False)
    request = RequestFactory().get("/")
    with pytest.raises(Forbidden):
        open_session(ann, request, Session.Kind.BROWSER)
    assert not Session.objects.exists()
