"""ux.md, “create”: presets, nothing chosen for you, addresses, a limit, and all faults at once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys.models import ApiKey
from tests.portal.conftest import focused


def test_no_scope_is_chosen_for_you(anns):
    page = anns.get("/keys/new/").text
    access = page[page.index('id="id_access"') : page.index('id="id_expiry"')]
    assert "checked" not in access
    assert "This field is required" in anns.make(access="").text
    assert "Choose at least one" in anns.make(access="chosen").text
    assert "You ticked single scopes too" in anns.make(access="all", scopes=["users:read"]).text
    assert not ApiKey.objects.exists()


def test_only_the_chosen_scopes_are_given(anns):
    anns.make(access="chosen", scopes=["data:read", "users:write"])
    assert ApiKey.objects.get().scopes == ["users:write", "data:read"]


@pytest.mark.parametrize(
    ("environment", "expiry", "days"),
    [("live", "usual", None), ("test", "usual", 90), ("test", "never", None), ("live", str(30 * 86400), 30)],
)
def test_the_presets_end_a_key_when_they_say(anns, environment, expiry, days):
    anns.make(environment=environment, expiry=expiry)
    end = ApiKey.objects.get().expires_at
    if days is None:
        assert end is None
    else:
        assert abs(end - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)


def test_a_chosen_day_is_the_last(anns):
    day = (timezone.now() + timedelta(days=10)).date()
    anns.make(expiry="custom", expires_on=day.isoformat())
    assert ApiKey.objects.get().expires_at.isoformat() == f"{day + timedelta(days=1)}T00:00:00+00:00"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expiry": "custom"}, "Choose the day"),
        ({"expiry": "custom", "expires_on": "2020-01-01"}, "in the past"),
        ({"expiry": "custom", "expires_on": "9999-12-31"}, "Enter a valid date|At most 100 years"),
        ({"expiry": "custom", "expires_on": "soon"}, "Enter a valid date"),
        ({"expiry": "12345"}, "Select a valid choice"),
        ({"allowed_ips": "10.0.0.1/8"}, "Line 1: There are bits behind the prefix: did you mean 10.0.0.0/8"),
        ({"allowed_ips": "::ffff:10.1.2.3/104"}, "did you mean 10.0.0.0/8"),
        ({"allowed_ips": "banana"}, "Line 1: Not an address"),
        ({"allowed_ips": "10.0.0.0/8\nhere"}, "Line 2: Not an address"),
        ({"allowed_ips": "\n".join(f"10.0.0.{i}" for i in range(60))}, "no more than 50"),
        ({"calls": "5"}, "Say both numbers"),
        ({"calls": "99999999", "per_seconds": "1"}, "less than or equal|ask an operator"),
        ({"calls": "100000", "per_seconds": "60"}, "ask an operator"),
        ({"calls": "-1", "per_seconds": "x"}, "Ensure this value"),
        ({"name": "a\u202eb"}, "Control and bidirectional"),
        ({"name": "a\0b"}, "Null characters"),
        ({"name": "x" * 101}, "at most 100"),
        ({"environment": "moon"}, "Select a valid choice"),
    ],
)
def test_the_rules_of_the_api_hold_in_the_form(anns, fields, said):
    response = anns.make(**fields)
    assert response.status_code == 200
    assert re.search(said, response.text), response.text
    assert not ApiKey.objects.exists()


def test_all_faults_of_a_new_key_show_at_once_and_the_first_has_the_focus(anns):
    page = anns.make(name="", access="", expiry="custom", allowed_ips="banana", calls="5").text
    assert page.count("This field is required") == 2
    assert "Choose the day" in page
    assert "Line 1: Not an address" in page
    assert "Say both numbers" in page
    assert focused(page) == ["name"]
    assert re.search(
        r'<input type="text" name="name"[^>]* aria-invalid="true"[^>]* aria-describedby="[^"]*_error"', page
    )
    assert not ApiKey.objects.exists()


def test_of_several_choices_only_the_first_has_the_focus(anns):
    assert focused(anns.make(access="").text) == ["access"]
    assert focused(anns.make(access="chosen").text) == ["scopes"]


def test_a_fault_of_the_whole_form_takes_the_focus(anns, settings):
    settings.API_KEYS_PER_TEAM = 1
    anns.make()
    page = anns.make().text
    assert page.count("autofocus") == 1
    assert re.search(r"<div [^>]*autofocus>\s*<ul class=\"errorlist nonfield", page)


def test_addresses_and_a_limit_are_kept(anns):
    anns.make(allowed_ips="203.0.113.7, 2001:db8::/32\n", calls="10", per_seconds="60")
    key = ApiKey.objects.get()
    assert key.allowed_ips == ["203.0.113.7", "2001:db8::/32"]
    assert key.limit == (10, 60)


def test_ones_own_address_is_added_without_a_script_and_without_making_anything(anns):
    page = anns.make(add_address="1", name="", allowed_ips="203.0.113.7").text
    assert re.search(r">\s*203\.0\.113\.7\n127\.0\.0\.1</textarea>", page)
    assert "This field is required" not in page
    assert not ApiKey.objects.exists()


def test_both_forms_say_the_usual_limit(anns, key, settings):
    settings.API_KEY_RATE_LIMIT = (77, 33)
    for path in ("new/", f"{key.pk}/edit/"):
        assert "Empty: the usual 77 calls in 33 seconds." in anns.get(f"/keys/{path}").text


def test_a_team_with_all_its_keys_says_so(anns, settings):
    settings.API_KEYS_PER_TEAM = 1
    anns.make()
    assert "This team has 1 keys already" in anns.make().text
    assert ApiKey.objects.count() == 1
