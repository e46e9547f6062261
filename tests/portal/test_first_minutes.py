"""ux.md, “first minutes”: empty states, the quick start, and a key that waits for its first request."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys import usage
from apikeys.models import ApiKey, LastUse, RequestRecord, UsageDay, UsageHour
from apikeys.snippets import QUICK_START, WRITTEN_FOR


def first_call(browser, key):
    return browser.get(f"/keys/{key['id'] if isinstance(key, dict) else key.pk}/first-call/").text


def state(page):
    found = re.search(r'data-state="(\w+)"', page)
    return found and found[1]


def test_first_minutes_begin_with_one_sentence_one_button_one_link(anns):
    page = anns.get("/keys/").text
    empty = page[page.index('class="empty"') : page.index("</main>")]
    assert empty.count('class="button"') == 1
    assert empty.count("<a ") == 2
    assert 'href="/quick-start/"' in empty


def test_first_minutes_of_a_viewer_say_whom_to_ask(veras, vera):
    vera.memberships.filter(role="owner").delete()
    assert "ask an owner" in veras.get("/keys/").text
    page = veras.get("/quick-start/").text
    assert "ask an owner" in page
    assert 'href="/keys/new/"' not in page


def test_first_minutes_have_a_quick_start_in_three_languages_with_this_site_s_address(anns, settings):
    settings.SITE_URL = "https://keys.example.com"
    page = anns.get("/quick-start/").text
    for language in ("curl", "Python", "JavaScript"):
        assert re.search(rf'<input type="radio" name="language" value="\w+"[^>]*>{language}<', page)
    assert page.count("https://keys.example.com/api/v1") == 4
    assert WRITTEN_FOR not in page
    assert "Make your first key" in page


def test_first_minutes_lead_from_the_quick_start_to_the_latest_key(anns, key):
    page = anns.get("/quick-start/").text
    assert page.count(f'href="/keys/{key.pk}/"') == 2
    assert "Make another key" in page


def test_first_minutes_need_a_sign_in_for_the_quick_start(nobody):
    assert nobody.get("/quick-start/").url == "/sign-in/?next=/quick-start/"


@pytest.mark.parametrize("snippet", QUICK_START, ids=lambda one: one.name)
def test_first_minutes_show_each_snippet_as_its_file_has_it(snippet):
    assert snippet.code(WRITTEN_FOR).count(WRITTEN_FOR) == 1
    assert "OW_API_KEY" in snippet.code()


def test_first_minutes_wait_for_the_first_request_and_turn_green(anns, api, new_key):
    made = new_key()
    page = anns.get(f"/keys/{made['id']}/").text
    assert "Waiting for your first request…" in page
    assert f'data-poll="/keys/{made["id"]}/first-call/"' in page
    assert "Look again" in page
    assert state(first_call(anns, made)) == "waiting"
    api.with_key(made["key"]).call("GET", "/users")
    usage.flush()
    assert "<code>GET /api/v1/users</code>, answered with 200" in first_call(anns, made)
    page = anns.get(f"/keys/{made['id']}/").text
    assert "It works." in page
    assert "data-poll" not in page


def test_first_minutes_show_the_refusal_that_was_seen_until_a_good_call_comes(anns, api, new_key):
    made = new_key(scopes=["data:read"])
    refused = api.with_key(made["key"]).call("GET", "/users")
    usage.flush()
    page = first_call(anns, made)
    assert state(page) == "refused"
    assert refused.json()["code"] == "insufficient_scope"
    assert "(scope users:read)" in page
    assert "/docs/errors#insufficient_scope" in page
    assert f"/keys/{made['id']}/edit/" in page
    assert refused.headers["X-Request-ID"] in page
    assert f'href="/requests/{RequestRecord.objects.get(status=403).pk}/"' in page
    api.with_key(made["key"]).call("GET", "/api-keys/self")
    usage.flush()
    assert state(first_call(anns, made)) == "good"


def test_first_minutes_are_over_an_hour_after_the_first_good_call(anns, key, used):
    used(key, hours=3)
    assert state(first_call(anns, key)) is None
    assert "first-call" not in anns.get(f"/keys/{key.pk}/").text
    UsageHour.objects.all().delete()
    UsageDay.objects.create(key_id=key.pk, day=timezone.now().date() - timedelta(days=40), outcome="2xx", count=1)
    assert state(first_call(anns, key)) is None


def test_first_minutes_say_that_a_request_was_refused_even_when_the_log_has_forgotten_it(anns, key):
    LastUse.objects.create(key_id=key.pk, first_used_at=timezone.now(), last_used_at=timezone.now())
    page = first_call(anns, key)
    assert state(page) == "refused"
    assert "docs/errors" not in page


def test_first_minutes_wait_for_no_key_that_opens_nothing(anns, ann, key):
    key.disable(by=ann)
    assert state(first_call(anns, key)) is None


def test_first_minutes_of_a_key_are_told_to_its_team_and_to_nobody_else(bobs, veras, key):
    assert bobs.get(f"/keys/{key.pk}/first-call/").status_code == 404
    assert state(first_call(veras, key)) == "waiting"


def test_first_minutes_cost_few_queries_for_each_look(anns, new_key, django_assert_max_num_queries):
    made = new_key()
    with django_assert_max_num_queries(9):
        first_call(anns, made)
    assert ApiKey.objects.count() == 1
