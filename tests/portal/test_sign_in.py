"""The portal's door."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session as DjangoSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Session
from protocol.problems import InvalidToken
from tests.conftest import PASSWORD

OUTSIDE = ["//evil.example", "https:evil.example", "/\\evil.example", "\t//evil.example", "javascript:alert(1)"]
OUTSIDE += ["https://evil.example/", "http://127.0.0.1:8000.evil.example/", "http:///evil.example", "evil"]


def test_the_front_page_leads_to_the_door_and_then_to_the_keys(nobody, ann):
    assert nobody.get("/").url == "/sign-in/"
    assert nobody.sign_in(ann).url == "/keys/"
    assert nobody.get("/").url == "/keys/"


def test_signing_in_opens_a_browser_session_of_our_own(nobody, ann):
    nobody.sign_in("ANN@example.com")
    session = Session.objects.get(developer=ann)
    assert session.kind == "browser"
    assert session.is_live()


def test_the_cookie_changes_when_somebody_signs_in(nobody, ann):
    nobody.get("/first-owner/")
    session = nobody.session
    session["before"] = 1
    session.save()
    before = nobody.session.session_key
    nobody.cookies["ow_session"] = before
    nobody.sign_in(ann)
    assert nobody.cookies["ow_session"].value != before


@pytest.mark.parametrize("why", ["unknown", "wrong", "inactive", "unusable"])
def test_every_refusal_reads_the_same(nobody, ann, bob, why):
    if why == "inactive":
        ann.disable(by=None)
    if why == "unusable":
        ann.set_unusable_password()
        ann.save()
    password = PASSWORD if why == "inactive" else "something else entirely"
    response = nobody.sign_in("who@example.com" if why == "unknown" else ann, password)
    assert response.status_code == 200
    assert "Incorrect e-mail or password." in response.text
    assert password not in response.text


@pytest.mark.parametrize("wanted", OUTSIDE)
def test_next_never_leads_away(nobody, ann, wanted):
    page = nobody.get("/sign-in/", {"next": wanted})
    assert 'name="next"' not in page.text
    assert nobody.sign_in(ann, next=wanted).url == "/keys/"
    assert nobody.post(f"/sign-out/?next={wanted}").url == "/sign-in/"


@pytest.mark.parametrize("wanted", OUTSIDE)
def test_next_never_leads_away_after_a_confirmation(anns, wanted):
    assert anns.get("/confirm/", {"next": wanted}).url == "/keys/"
    assert anns.post("/confirm/", {"next": wanted, "password": PASSWORD}).url == "/keys/"


def test_next_leads_to_a_page_of_ours(nobody, ann):
    there = nobody.get("/profile/").url
    assert there == "/sign-in/?next=/profile/"
    assert nobody.sign_in(ann, next="/profile/").url == "/profile/"


def test_guessing_meets_the_counter_and_a_page_that_says_when(nobody, ann):
    for _ in range(9):
        assert nobody.sign_in(ann, "wrong wrong wrong").status_code == 200
    response = nobody.sign_in(ann, "wrong wrong wrong")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "Too many attempts: try again in" in response.text
    assert response["Cache-Control"] == "no-store"
    assert nobody.sign_in(ann).status_code == 429


def test_signing_out_ends_the_session_and_clears_the_browser(anns, ann):
    response = anns.post("/sign-out/")
    assert response.url == "/sign-in/"
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert Session.objects.get(developer=ann).closed_reason == "logout"
    assert AuditEvent.objects.filter(action="session.closed").count() == 1
    assert "You are signed out." in anns.get("/sign-in/").text
    assert anns.get("/keys/").status_code == 302


def test_a_get_signs_nobody_out(anns):
    assert "Sign out?" in anns.get("/sign-out/").text
    assert anns.get("/keys/").status_code == 200


def test_the_old_cookie_opens_nothing_after_signing_out(anns):
    cookie = anns.cookies["ow_session"].value
    anns.post("/sign-out/")
    anns.cookies["ow_session"] = cookie
    assert anns.get("/keys/").status_code == 302


def test_a_session_that_an_operator_ends_is_over_at_the_next_click(anns, ann):
    Session.objects.of(ann).close(Session.Reason.OPERATOR)
    assert anns.get("/keys/").url == "/sign-in/?next=/keys/"


def test_nothing_of_a_signed_in_person_is_kept_by_the_browser(anns):
    for path in ("/keys/", "/profile/", "/keys/new/"):
        assert anns.get(path)["Cache-Control"] == "no-store"


def test_a_form_without_its_token_gets_a_page_that_says_what_to_do(ann):
    browser = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1:8000"})
    response = browser.post("/sign-in/", {"login": ann.email, "password": PASSWORD})
    assert response.status_code == 403
    assert "This form is too old" in response.text
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("account_inactive", []),
        ("account_reauthenticate", []),
        ("account_change_password", []),
        ("account_set_password", []),
        ("account_request_login_code", []),
        ("account_confirm_login_code", []),
    ],
)
def test_what_allauth_names_resolves_and_is_not_there_yet(nobody, anns, name, args):
    for browser in (nobody, anns):
        assert browser.get(reverse(name, args=args)).status_code == 404
        assert browser.post(reverse(name, args=args)).status_code == 404


def test_an_unproved_address_leads_to_the_page_that_waits_for_the_mail(nobody, ann):
    ann.emailaddress_set.update(verified=False)
    response = nobody.sign_in(ann)
    assert response.status_code == 302
    assert "Look into your mail" in nobody.get(response.url).text
    assert nobody.get("/keys/").status_code == 302


@pytest.mark.parametrize("login", ["a\0b@example.com", "x" * 5000, "", "not an address", "\ud800@example.com"])
@pytest.mark.parametrize("password", ["a\0b", "x" * 100_000, "", "é" * 600])
def test_nothing_typed_at_the_door_breaks_it(nobody, ann, login, password):
    login = login.encode("utf-8", "surrogatepass")
    response = nobody.post("/sign-in/", {"login": login, "password": password})
    assert response.status_code in (200, 400)


def test_a_browser_in_use_stays_signed_in_as_long_as_its_session(browser_of, ann, settings):
    browser = browser_of(ann)
    half = timedelta(seconds=settings.REFRESH_TOKEN_LIFETIME * 0.6)
    start = timezone.now()
    for turns in (1, 2, 3):
        with time_machine.travel(start + turns * half):
            assert browser.get("/keys/").status_code == 200
    with time_machine.travel(start + 5 * half):
        assert browser.get("/keys/").status_code == 302


def test_the_door_says_what_to_do_about_a_forgotten_password_once_somebody_has_one(nobody, ann):
    assert 'href="/password/forgotten/"' in nobody.get("/sign-in/").text


def test_a_refused_sign_in_takes_the_focus_to_what_is_wrong(nobody, ann):
    page = nobody.sign_in(ann, password="not the password at all").text
    assert re.search(r'<div [^>]*autofocus>\s*<ul class="errorlist nonfield', page)
    assert page.count("autofocus") == 1


def test_a_sign_in_that_ends_in_the_middle_of_a_page_leads_to_the_door(browser_of, ann, monkeypatch):
    browser = browser_of(ann)
    number = browser.number()

    def ended(session):
        raise InvalidToken

    monkeypatch.setattr("apikeys.models.queryset.require_live", ended)
    answer = browser.make(form=number)
    assert (answer.status_code, answer.url) == (302, "/sign-in/")


def focused(page):
    """The names of what takes the focus when the page opens."""
    return re.findall(r'name="(\w+)"[^>]* autofocus', page)


def test_the_pages_that_are_nothing_but_a_form_begin_at_its_first_field(nobody, anns, ann, grow_old):
    assert focused(nobody.get("/sign-in/").text) == ["login"]
    grow_old(ann)
    assert focused(anns.get("/confirm/").text) == ["password"]


def test_a_refused_sign_in_begins_at_what_is_wrong(nobody, ann):
    refused = nobody.sign_in(ann, "something else entirely").text
    assert focused(refused) == []
    assert refused.count("autofocus") == 1
    assert focused(nobody.sign_in("nobody").text) == ["login"]


def test_a_wrong_address_is_spelled_e_mail(nobody):
    assert "Enter a valid e-mail address." in nobody.sign_in("nobody").text


def test_the_database_does_not_hold_the_cookie(anns, settings):
    cookie = anns.cookies[settings.SESSION_COOKIE_NAME].value
    kept = list(DjangoSession.objects.values_list("session_key", flat=True))
    assert kept
    assert cookie not in kept
    anns.cookies[settings.SESSION_COOKIE_NAME] = kept[0]
    assert anns.get("/profile/").status_code == 302
    anns.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert anns.get("/profile/").status_code == 200
