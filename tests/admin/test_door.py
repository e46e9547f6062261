"""The door: the portal's sign-in is the only one, staff only, and the password must be fresh."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from tests.admin.conftest import Browser
from tests.conftest import PASSWORD

PAGES = ("", "apikeys/apikey/", "accounts/developer/add/", "jsi18n/", "login/")


def led_to(response):
    """(path, next) of a redirect."""
    assert response.status_code == 302
    parts = urlsplit(response["Location"])
    return parts.path, parse_qs(parts.query).get("next", [""])[0]


@pytest.fixture
def stale(at_admin, olga):
    """Olga's browser, whose password was given longer ago than the admin allows."""
    long_ago = timezone.now() - timedelta(seconds=settings.ADMIN_FRESH_SECONDS + 5)
    Session.objects.of(olga).update(auth_time=long_ago)
    return at_admin


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_portal_s_sign_in_and_back(path, db):
    door, back = led_to(Browser().page(path))
    assert door == reverse("account_login")
    assert back == ("/admin/" if path == "login/" else f"/admin/{path}")


@pytest.mark.parametrize("path", PAGES)
def test_a_developer_who_is_not_staff_gets_403(path, ann):
    assert Browser(ann).page(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_an_old_sign_in_must_confirm_the_password(path, stale):
    door, back = led_to(stale.page(path))
    assert door == reverse("reauthenticate")
    assert back == ("/admin/" if path == "login/" else f"/admin/{path}")


def test_an_old_sign_in_presses_nothing(stale, key):
    assert led_to(stale.press("disable", key))[0] == reverse("reauthenticate")
    key.refresh_from_db()
    assert key.status == "active"


def test_a_sign_in_just_fresh_enough_opens(at_admin, olga):
    almost = timezone.now() - timedelta(seconds=settings.ADMIN_FRESH_SECONDS - 60)
    Session.objects.of(olga).update(auth_time=almost)
    assert at_admin.page().status_code == 200


def test_a_browser_without_our_session_opens_nothing(olga):
    browser = Browser()
    browser.force_login(olga)
    assert led_to(browser.page())[0] == reverse("account_login")


def test_a_staff_member_who_is_no_longer_one_is_out_at_once(at_admin, olga):
    type(olga).objects.filter(pk=olga.pk).update(is_staff=False)
    assert at_admin.page().status_code == 403


def test_the_login_address_leads_the_signed_in_on(at_admin):
    assert led_to(at_admin.page("login/"))[0] == "/admin/"
    assert led_to(at_admin.page("login/", next="/admin/apikeys/"))[0] == "/admin/apikeys/"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_stays_here(elsewhere, at_admin):
    assert led_to(at_admin.page("login/", next=elsewhere))[0] == "/admin/"


@pytest.mark.parametrize("path", ["password_change/", "password_change/done/", "autocomplete/", "r/1/1/"])
def test_what_django_brings_and_we_do_not_offer_is_404(path, at_admin):
    assert at_admin.page(path).status_code == 404


def test_no_page_sets_a_password(at_admin, ann):
    assert at_admin.page(f"accounts/developer/{ann.pk}/password/").status_code in (302, 404)
    html = at_admin.page(f"accounts/developer/{ann.pk}/change/").content.decode()
    assert "password" not in html.lower()


def test_signing_out_is_a_post_and_ends_our_session(at_admin, olga):
    assert at_admin.get("/admin/logout/").status_code == 405
    assert at_admin.page().status_code == 200
    at_admin.post("/admin/logout/", follow=True)
    assert not Session.objects.of(olga).live().exists()
    assert led_to(at_admin.page())[0] == reverse("account_login")


def test_whoever_signs_in_at_the_door_comes_to_the_page_they_asked_for(olga, key):
    browser = Browser()
    door = browser.page("apikeys/apikey/")["Location"]
    assert browser.get(door).status_code == 200
    response = browser.post(door, {"login": olga.email, "password": PASSWORD}, follow=True)
    assert response.request["PATH_INFO"] == "/admin/apikeys/apikey/"
    assert key.key_prefix in response.content.decode()


def test_twenty_bad_sign_ins_at_the_admin_s_door_are_stopped(olga):
    browser = Browser()
    door = browser.page()["Location"]
    statuses = [browser.post(door, {"login": olga.email, "password": "wrong"}).status_code for _ in range(20)]
    assert 429 not in statuses[:9]
    assert set(statuses[9:]) == {429}


def test_whoever_confirms_the_password_comes_back(stale):
    door = stale.page("apikeys/apikey/")["Location"]
    assert stale.get(door).status_code == 200
    response = stale.post(door, {"password": PASSWORD}, follow=True)
    assert response.request["PATH_INFO"] == "/admin/apikeys/apikey/"
    assert response.status_code == 200
