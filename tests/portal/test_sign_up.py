"""Signing up, proving the address, a forgotten password and another address, by clicking."""

import re

import pytest

from accounts.models import Developer
from tests.conftest import PASSWORD
from tests.portal.conftest import Browser

NORA = {"email": "nora@example.com", "password": "a password of her own", "first_name": "Nora"}


@pytest.fixture(autouse=True)
def open_house(settings):
    settings.SIGNUP_OPEN = True


def link_in(mail):
    return re.search(r"http://[^/]+(/\S+)", mail.body)[1]


@pytest.fixture
def signed_up(nobody, letters):
    """(the browser that signed up as Nora, the link in her mail)."""
    answer = nobody.post("/sign-up/", NORA)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-up/sent/")
    return nobody, link_in(letters()[-1])


def test_the_sign_in_leads_to_it_only_while_it_is_open(nobody, ann, settings):
    assert 'href="/sign-up/"' in nobody.get("/sign-in/").text
    settings.SIGNUP_OPEN = False
    assert 'href="/sign-up/"' not in nobody.get("/sign-in/").text
    assert nobody.get("/sign-up/").status_code == 403
    assert nobody.post("/sign-up/", NORA).status_code == 403


def test_the_browser_that_signed_up_proves_the_address_by_one_button(signed_up):
    browser, link = signed_up
    assert browser.get(link)["Location"] == "/verify/"
    page = browser.get("/verify/").text
    assert 'name="password"' not in page
    assert browser.post("/verify/").status_code == 302
    assert browser.get("/keys/").status_code == 200


def test_another_browser_needs_the_password_too(signed_up):
    _, link = signed_up
    other = Browser()
    other.get(link)
    assert 'name="password"' in other.get("/verify/").text
    assert other.post("/verify/", {"password": "wrong"}).status_code == 200
    assert other.get("/keys/").status_code == 302
    assert other.post("/verify/", {"password": NORA["password"]}).status_code == 302
    assert other.get("/keys/").status_code == 200


def test_looking_proves_nothing(signed_up):
    browser, link = signed_up
    browser.get(link)
    browser.get("/verify/")
    assert browser.sign_in("nora@example.com", NORA["password"])["Location"] == "/sign-up/sent/"


def test_an_unproved_sign_in_waits_for_the_mail_and_sends_another(signed_up, letters):
    other = Browser()
    answer = other.sign_in("nora@example.com", NORA["password"])
    assert answer["Location"] == "/sign-up/sent/"
    assert other.get("/keys/").status_code == 302
    assert len(letters()) == 2


def test_a_taken_address_gets_the_same_page(nobody, ann, letters):
    answer = nobody.post("/sign-up/", {**NORA, "email": ann.email})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-up/sent/")
    assert [mail.recipient for mail in letters()] == [ann.email]


def test_a_link_works_once(signed_up):
    browser, link = signed_up
    browser.get(link)
    browser.post("/verify/")
    assert Browser().get(link, follow=True).status_code == 404


def test_a_forgotten_password_is_set_by_the_link(nobody, ann, letters):
    assert nobody.post("/password/forgotten/", {"email": ann.email})["Location"] == "/password/forgotten/sent/"
    link = link_in(letters()[-1])
    assert nobody.get(link)["Location"] == "/password/reset/"
    new = "another password of hers"
    assert nobody.post("/password/reset/", {"password": new, "password_again": "x"}).status_code == 200
    assert nobody.post("/password/reset/", {"password": new, "password_again": new})["Location"] == "/sign-in/"
    assert nobody.get("/password/reset/").status_code == 404
    assert nobody.sign_in(ann, new).status_code == 302
    assert nobody.get("/keys/").status_code == 200


def test_an_address_is_changed_from_the_profile(anns, ann, letters):
    anns.post("/profile/", {"form": "email", "email": "ann@new.example.com", "current_password": PASSWORD})
    assert "ann@new.example.com" in anns.get("/profile/").text
    link = link_in(letters()[-1])
    assert anns.get(link)["Location"] == "/profile/email/"
    assert Developer.objects.get(pk=ann.pk).email == "ann@example.com"
    anns.post("/profile/email/")
    assert Developer.objects.get(pk=ann.pk).email == "ann@new.example.com"
    assert anns.get("/keys/").status_code == 200


def test_a_change_of_address_is_taken_back(anns, ann):
    anns.post("/profile/", {"form": "email", "email": "ann@new.example.com", "current_password": PASSWORD})
    anns.post("/profile/email/keep/")
    anns.get("/profile/")  # says what was done
    assert "ann@new.example.com" not in anns.get("/profile/").text


def test_the_token_stands_neither_in_the_address_nor_in_the_database(nobody, ann, letters):
    nobody.post("/password/forgotten/", {"email": ann.email})
    link = link_in(letters()[-1])
    answer = nobody.get(link)
    assert answer["Referrer-Policy"] == "no-referrer"
    assert link.split("/")[-2] not in str(nobody.session.items())


@pytest.mark.parametrize("path", ["/sign-up/sent/", "/password/forgotten/sent/"])
def test_a_page_that_waits_for_mail_says_where_it_is_printed_if_nobody_gets_it(nobody, settings, path):
    settings.EMAIL_BACKEND = "accounts.console_mail.EmailBackend"
    assert "look where <code>./run</code> runs" in nobody.get(path).text
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "./run" not in nobody.get(path).text
