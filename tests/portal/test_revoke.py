"""ux.md, “revoke”: what it will break; the name when the key is at work; a leak is stopped without any question."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from apikeys.models import ApiKey


@pytest.fixture
def others(ann):
    """others(number) → so many more keys of Ann's team."""

    def others(number):
        return [
            ApiKey.objects.issue(team=ann.home_team, by=ann, name=f"Key {n}", scopes=["users:read"])[0]
            for n in range(number)
        ]

    return others


def status_of(key):
    return ApiKey.objects.get(pk=key.pk).status


def revoke(browser, *keys, **extra):
    return browser.post("/keys/revoke/", {"key": [str(key.pk) for key in keys], **extra})


def test_revoke_says_what_it_will_break(anns, key, used):
    used(key, hours=2, calls=3)
    used(key, hours=50, calls=40)
    page = anns.get(f"/keys/{key.pk}/revoke/").text
    assert re.search(r"Last 24 hours</dt><dd>3 calls<", page)
    assert re.search(r"Last 7 days</dt><dd>43 calls<", page)
    assert "<code>203.0.113.9</code>" in page
    assert "Job&lt;1&gt;" in page
    assert "2\xa0hours ago" in page or "2\xa0days" in page


def test_revoke_says_that_nothing_breaks_of_a_key_that_was_never_used(anns, key):
    page = anns.get(f"/keys/{key.pk}/revoke/").text
    assert "this key was never used" in page
    assert 'name="name"' not in page


def test_revoke_asks_for_the_name_of_a_key_that_was_used_within_the_hour(anns, key, used):
    used(key, hours=0.5)
    path = f"/keys/{key.pk}/revoke/"
    assert "Type its name to confirm" in anns.get(path).text
    assert "That is not its name" in anns.post(path).text
    assert "That is not its name" in anns.post(path, {"name": "Ann's"}).text
    assert status_of(key) == "active"
    assert anns.post(path, {"name": " ann's  SERVER "}).status_code == 302
    assert status_of(key) == "revoked"


def test_revoke_asks_nothing_when_it_leaked(anns, ann, key, used, grow_old):
    used(key, hours=0.5)
    grow_old(ann)
    assert anns.post(f"/keys/{key.pk}/revoke/", {"leaked": "1"}).url == "/keys/"
    assert status_of(key) == "revoked"
    assert AuditEvent.objects.get(action="api_key.revoked").data == {"reason": "leaked"}


def test_revoke_asks_for_no_name_once_the_key_opens_nothing(anns, ann, key, used):
    used(key, hours=0.5)
    key.disable(by=ann)
    assert anns.post(f"/keys/{key.pk}/revoke/").status_code == 302
    assert status_of(key) == "revoked"


def test_revoke_of_an_old_key_leads_to_its_successor(anns, ann, key):
    successor, _ = key.rotate(by=ann)
    assert anns.post(f"/keys/{key.pk}/revoke/").url == f"/keys/{successor.pk}/"
    assert anns.get(f"/keys/{key.pk}/revoke/").url == f"/keys/{key.pk}/"


def test_revoke_of_several_asks_once_for_all(anns, ann, others, used, grow_old):
    first, second, third = others(3)
    used(first, hours=3, calls=7)
    grow_old(ann)
    page = revoke(anns, first, second).text
    assert "Revoke these 2 keys?" in page
    assert ">7</td>" in page
    assert third.public_id not in page
    assert {status_of(key) for key in (first, second, third)} == {"active"}
    assert revoke(anns, first, second, sure="1").url == "/keys/"
    assert "2 keys are revoked" in anns.messages()[0]
    assert [status_of(key) for key in (first, second, third)] == ["revoked", "revoked", "active"]
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 2


def test_revoke_of_several_asks_for_the_name_of_each_that_is_at_work(anns, others, used):
    at_work, idle = others(2)
    used(at_work, hours=0.5)
    page = revoke(anns, at_work, idle, sure="1").text
    assert page.count("Type its name to confirm") == 1
    assert status_of(idle) == "active"
    revoke(anns, at_work, idle, sure="1", **{f"{at_work.pk}-name": "Key 0"})
    assert status_of(at_work) == status_of(idle) == "revoked"


def test_revoke_of_several_that_leaked_asks_nothing(anns, others, used):
    keys = others(2)
    used(keys[0], hours=0.5)
    revoke(anns, *keys, leaked="1")
    assert [status_of(key) for key in keys] == ["revoked", "revoked"]
    assert AuditEvent.objects.filter(action="api_key.revoked", data={"reason": "leaked"}).count() == 2


def test_revoke_of_several_with_one_of_somebody_else_touches_none(anns, bobs, bob, key, others):
    foreign = ApiKey.objects.issue(team=bob.home_team, by=bob, name="Bob's", scopes=["users:read"])[0]
    assert revoke(anns, key, foreign).status_code == 404
    assert revoke(anns, key, foreign, sure="1").status_code == 404
    assert status_of(key) == status_of(foreign) == "active"


@pytest.mark.parametrize("ident", ["x", "0192f1a0-0000-7000-8000-000000000000", "\0", "x" * 5000])
def test_revoke_of_several_knows_no_key_that_does_not_exist(anns, ident):
    assert anns.post("/keys/revoke/", {"key": [ident], "sure": "1"}).status_code == 404


def test_revoke_of_several_is_nothing_for_a_viewer(veras, key):
    assert revoke(veras, key, sure="1").status_code == 403
    assert status_of(key) == "active"
    assert 'name="key"' not in veras.get("/keys/").text


def test_revoke_of_none_says_to_select_some(anns, key):
    assert anns.post("/keys/revoke/").url == "/keys/"
    assert "Select the keys" in anns.messages()[0]
    assert anns.get("/keys/revoke/").url == "/keys/"


def test_revoke_of_several_costs_no_query_more_for_each_in_the_asking(anns, others, django_assert_max_num_queries):
    keys = others(12)
    with django_assert_max_num_queries(12):
        assert revoke(anns, *keys).status_code == 200


def test_unused_keys_are_revoked_by_one_click_and_the_rest_stay_in_sight(anns, others):
    old, older, new = others(3)
    ApiKey.objects.filter(pk__in=[old.pk, older.pk]).update(created_at=timezone.now() - timedelta(days=100))
    page = anns.get("/keys/?use=unused").text
    assert new.public_id not in page
    assert re.search(rf'action="/keys/{old.pk}/revoke/">\s*<input [^>]*>\s*<input [^>]*value="unused">', page)
    assert anns.post(f"/keys/{old.pk}/revoke/", {"then": "unused"}).url == "/keys/?use=unused"
    assert status_of(old) == "revoked"
    shown = re.findall(r'name="shown" value="([^"]+)"', anns.get("/keys/?use=unused").text)
    assert shown == [str(older.pk)]
    assert "Key 1" in anns.post("/keys/revoke/", {"shown": shown, "all": "1"}).text


def test_revoking_asks_once_and_a_get_changes_nothing(anns, key):
    assert "can’t be undone" in anns.get(f"/keys/{key.pk}/revoke/").text
    key.refresh_from_db()
    assert key.status == "active"
    anns.post(f"/keys/{key.pk}/revoke/")
    anns.post(f"/keys/{key.pk}/revoke/")
    assert "Requests that use it now get 401" in anns.messages()[0]
    key.refresh_from_db()
    assert key.status == "revoked"
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 1
