"""ux.md, “rotate”: both keys linked, a countdown, who still uses the old one; and when a rotation is due."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys.models import ApiKey
from tests.portal.conftest import secret_in


def test_rotate_links_both_keys_and_counts_down(anns, ann, key):
    successor, _ = key.rotate(by=ann, overlap=7 * 86400)
    for page in (anns.get(f"/keys/{key.pk}/").text, anns.get(f"/keys/{successor.pk}/").text):
        assert "Two keys work for now" in page
        assert f"{key.key_prefix}_…" in page
        assert f"{successor.key_prefix}_…" in page
        assert re.search(r"<time [^>]*data-countdown[^>]*>6\xa0days, 23\xa0hours</time> left", page)
        assert page.count(f'href="/keys/{key.pk}/revoke/"') == 1
    assert f'href="/keys/{successor.pk}/"' in anns.get(f"/keys/{key.pk}/").text
    assert f'href="/keys/{key.pk}/"' in anns.get(f"/keys/{successor.pk}/").text


def test_rotate_says_who_still_uses_the_old_key_since_then(anns, ann, key, used):
    used(key, hours=3)
    successor, _ = key.rotate(by=ann)
    ApiKey.objects.filter(pk=successor.pk).update(created_at=timezone.now() - timedelta(hours=2))
    page = anns.get(f"/keys/{successor.pk}/").text
    assert "Nobody has used the old key since the rotation" in page
    used(key, hours=1)
    page = anns.get(f"/keys/{successor.pk}/").text
    callers = page[page.index("Who still uses the old key") :]
    assert "<code>203.0.113.9</code>" in callers
    assert "Job&lt;1&gt;" in callers
    assert callers.count("1\xa0hour ago") == 1


def test_rotate_offers_a_viewer_nothing_to_press(veras, ann, key):
    key.rotate(by=ann)
    page = veras.get(f"/keys/{key.pk}/").text
    assert "Two keys work for now" in page
    assert "Revoke old now" not in page


def test_rotate_without_overlap_leaves_one_key_and_a_link(anns, ann, key):
    successor, _ = key.rotate(by=ann, compromised=True)
    assert f'Replaced by <a href="/keys/{successor.pk}/">' in anns.get(f"/keys/{key.pk}/").text
    page = anns.get(f"/keys/{successor.pk}/").text
    assert "which no longer works" in page
    assert "Two keys work" not in page


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"created_at": timezone.now() - timedelta(days=91)}, True),
        ({"created_at": timezone.now() - timedelta(days=89)}, False),
        ({"created_at": timezone.now() - timedelta(days=91), "environment": "test"}, False),
        ({"created_at": timezone.now() - timedelta(days=91), "revoked_at": timezone.now()}, False),
        (
            {"created_at": timezone.now() - timedelta(days=91), "expires_at": timezone.now() + timedelta(days=60)},
            False,
        ),
    ],
)
def test_rotate_is_due_after_90_days_of_a_live_key_without_an_end(anns, key, fields, due):
    ApiKey.objects.filter(pk=key.pk).update(**fields)
    assert ("rotate a live key about every 90 days" in anns.get(f"/keys/{key.pk}/").text) is due


def test_create_of_an_endless_live_key_reminds_to_rotate_it(anns):
    assert "rotate it about every 90 days" in anns.make().text
    assert "rotate it about every 90 days" not in anns.make(environment="test", expiry="never").text


def test_rotation_first_asks_whether_it_leaked(anns, key):
    page = anns.get(f"/keys/{key.pk}/rotate/").text
    assert "Has it leaked?" in page
    assert "Choose one." in anns.post(f"/keys/{key.pk}/rotate/", {"overlap": "0"}).text
    assert ApiKey.objects.count() == 1


def test_a_leaked_key_stops_at_once(anns, key):
    response = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "yes", "overlap": "604800"})
    assert secret_in(response)
    assert "no longer works" in response.text
    key.refresh_from_db()
    assert key.status == "revoked"
    assert key.successor.scopes == key.scopes


@pytest.mark.parametrize(("overlap", "seconds"), [("0", 0), ("3600", 3600), ("", 86400), ("604800", 604800)])
def test_a_planned_rotation_leaves_the_old_key_its_time(anns, key, overlap, seconds):
    response = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": overlap})
    assert secret_in(response)
    assert response["Cache-Control"] == "no-store"
    key.refresh_from_db()
    assert abs(key.expires_at - timezone.now() - timedelta(seconds=seconds)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("environment", "chosen", "days"),
    [("live", None, None), ("test", None, 90), ("live", str(30 * 86400), 30), ("test", "never", None)],
)
def test_a_successor_ends_when_it_is_said_or_as_usual_in_its_environment(anns, key, environment, chosen, days):
    ApiKey.objects.update(environment=environment, expires_at=timezone.now() + timedelta(days=3))
    asked = anns.get(f"/keys/{key.pk}/rotate/").text
    proposed = re.search(r'<option value="(\w+)" selected>', asked[asked.index('name="expiry"') :])[1]
    assert proposed == ("never" if environment == "live" else str(90 * 86400))
    wanted = {"leaked": "no", "overlap": "3600", **({"expiry": chosen} if chosen else {})}
    shown = anns.post(f"/keys/{key.pk}/rotate/", wanted).text
    end = ApiKey.objects.get(rotated_from=key).expires_at
    if days is None:
        assert end is None
        assert re.search(r"The new key\s+has no end date", shown)
    else:
        assert abs(end - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
        assert f"{end:%-d %b %Y, %H:%M} UTC" in shown


@pytest.mark.parametrize("expiry", ["12345", "custom", "-1"])
def test_a_successor_s_end_is_one_of_the_offered(anns, key, expiry):
    response = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": "0", "expiry": expiry})
    assert "Select a valid choice" in response.text
    assert ApiKey.objects.count() == 1


def test_a_replaced_key_says_so_in_the_list_and_until_when_it_works(anns, key):
    anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": "3600"})
    key.refresh_from_db()
    listed = anns.get("/keys/").text
    assert listed.count("Replaced, works until") == 1
    assert f"{key.expires_at:%-d %b %Y, %H:%M} UTC" in listed
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    assert re.search(r'class="replaced">Replaced<', anns.get("/keys/").text)


def test_every_time_on_a_key_s_page_is_exact_without_a_mouse(anns, key):
    end = timezone.now() + timedelta(days=3)
    ApiKey.objects.update(expires_at=end, disabled_at=timezone.now())
    page = anns.get(f"/keys/{key.pk}/").text
    assert f">{end:%-d %b %Y, %H:%M} UTC</time>" in page
    assert page.count(" UTC</time>") == page.count("<time") == 4


def test_rotating_twice_makes_one_successor(anns, key):
    anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": "3600"})
    again = anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no", "overlap": "3600"})
    assert again.url == f"/keys/{key.pk}/"
    assert "was rotated already" in anns.messages()[0]
    assert ApiKey.objects.count() == 2


def test_the_old_key_once_revoked_is_told_from_the_new_one_of_the_same_name(anns, ann, key):
    successor, _ = key.rotate(by=ann)
    assert anns.post(f"/keys/{key.pk}/revoke/").url == f"/keys/{successor.pk}/"
    assert f"server ({key.key_prefix}) is revoked. Requests that use it now get 401." in anns.messages()[0]


def test_a_key_that_is_not_active_is_not_rotated(anns, key, ann):
    key.disable(by=ann)
    assert anns.post(f"/keys/{key.pk}/rotate/", {"leaked": "no"}).url == f"/keys/{key.pk}/"
    assert "is disabled and can’t be rotated" in anns.messages()[0]
