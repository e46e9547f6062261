"""ux.md, “list”, “expiry” and “unused”: find, filter, sort."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.timesince import timesince

from apikeys import usage
from apikeys.models import ApiKey, LastUse, Outcome, UsageHour
from apikeys.templatetags.key_badges import last_used
from tests.portal.conftest import secret_in

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def listed(anns):
    """listed(query) → the names in Ann's list."""

    def listed(query):
        page = anns.get(f"/keys/?{query}").text
        return re.findall(r'rowheader" scope="row">\s*<a [^>]*>([^<]*)<', page)

    return listed


@pytest.fixture
def make(ann):
    """make(name, **fields) → a key of Ann's team."""

    def make(name, **fields):
        key = ApiKey.objects.issue(team=ann.home_team, by=ann, name=name, scopes=["users:read"])[0]
        ApiKey.objects.filter(pk=key.pk).update(**fields)
        key.refresh_from_db()
        return key

    return make


def ago(**span):
    return timezone.now() - timedelta(**span)


def test_list_finds_a_pasted_key_whatever_is_filtered_and_even_when_it_is_revoked(anns, listed):
    text = secret_in(anns.make(name="Lost", environment="test"))
    ApiKey.objects.get().revoke(by=None)
    answer = anns.get("/keys/", {"q": text, "environment": "live", "use": "refused"}, follow=True)
    assert answer.redirect_chain
    assert "Lost" in answer.text
    assert listed(f"q={text[:20]}_…") == []  # the mark is cut first
    assert "Lost" in anns.get("/keys/", {"q": f"{text[:20]}_…"}, follow=True).text


def test_list_filters_by_what_needs_a_look(make, used, listed):
    used(make("Used"), hours=1)
    long_ago = make("Long ago", created_at=ago(days=200))
    used(long_ago, hours=24 * 100)
    make("Never", created_at=ago(days=100))
    make("New")
    make("Ends soon", expires_at=timezone.now() + timedelta(days=6))
    make("Ended", expires_at=ago(days=1))
    make("Revoked", created_at=ago(days=100), revoked_at=ago(days=1))
    refused = make("Refused")
    UsageHour.objects.create(key_id=refused.pk, hour=ago(minutes=1), outcome=Outcome.FORBIDDEN, count=60)
    assert set(listed("use=unused")) == {"Long ago", "Never"}
    assert set(listed("use=never")) == {"Never", "New", "Ends soon", "Ended", "Refused"}
    assert set(listed("use=unused&status=all")) == {"Long ago", "Never"}
    assert listed("use=refused") == ["Refused"]
    assert listed("use=expiring") == ["Ends soon"]
    assert len(listed("use=bogus")) == 7


def test_list_is_sorted_by_last_use_and_the_never_used_come_last(make, used, listed):
    for name, hours in (("Old", 50), ("Young", 1), ("Middle", 9)):
        used(make(name), hours=hours)
    make("Never")
    assert listed("sort=used") == ["Young", "Middle", "Old", "Never"]


def test_list_offers_a_tick_for_each_key_that_can_be_revoked(anns, make):
    make("One")
    make("Gone", revoked_at=ago(days=1))
    page = anns.get("/keys/?status=all").text
    assert page.count('type="checkbox" form="chosen"') == 1
    assert 'type="checkbox"' not in anns.get("/keys/?status=revoked").text


@pytest.mark.parametrize("query", ["", "sort=used", "use=unused&sort=name", "use=refused"])
def test_list_costs_as_many_queries_for_forty_keys_as_for_two(
    anns, make, query, django_assert_num_queries, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make("First", created_at=ago(days=100))
    make("Second", created_at=ago(days=100))
    with CaptureQueriesContext(
        connection,
    ) as few:
        anns.get(f"/keys/?{query}")
    for number in range(38):
        make(f"Key {number}", created_at=ago(days=100))
    with django_assert_num_queries(len(few)):
        anns.get(f"/keys/?{query}")
    assert len(few) <= 10


@pytest.mark.parametrize(("left", "badge"), [(timedelta(days=7), "Expires in 7 days"), (timedelta(days=7.1), "Active")])
def test_expiry_is_said_from_seven_days_on(anns, make, left, badge):
    make("Ends", expires_at=timezone.now() + left)
    assert f">{badge}</span>" in anns.get("/keys/").text


def test_the_list_is_filtered_and_searched(anns, ann, key):
    ApiKey.objects.issue(team=ann.home_team, by=ann, name="Probe", environment="test", scopes=["users:read"])
    key.revoke(by=ann)

    def names(query):
        return re.findall(r'rowheader" scope="row">\s*<a [^>]*>([^<]*)<', anns.get(f"/keys/{query}").text)

    assert names("") == ["Probe"]
    assert names("?status=all") == ["Probe", "Ann&#x27;s server"]
    assert names("?status=revoked") == ["Ann&#x27;s server"]
    assert names("?environment=live&status=all") == ["Ann&#x27;s server"]
    assert names("?q=pro") == ["Probe"]
    assert names(f"?status=all&q={key.public_id[:6]}") == ["Ann&#x27;s server"]
    assert names(f"?status=all&q={key.key_prefix[:12]}") == ["Ann&#x27;s server"]
    assert names("?q=ow_live_") == []
    ApiKey.objects.issue(team=ann.home_team, by=ann, name="Another live one", scopes=["users:read"])
    assert names("?q=ow_live_") == ["Another live one"]
    assert names(f"?status=all&q={key.key_prefix}") == ["Ann&#x27;s server"]


@pytest.mark.parametrize("around", ["{}", "Bearer {}", "OW_API_KEY={}", '"{}"\n', "{}x", "see {}, please"])
def test_a_pasted_key_is_cut_before_it_is_looked_for(anns, around):
    text = secret_in(anns.make(name="Found"))
    response = anns.get("/keys/", {"q": around.format(text), "status": "all"})
    assert response.status_code == 302
    assert text.rpartition("_")[2] not in response.url
    page = anns.get(response.url, follow=True).text
    assert f'value="{text[:20]}"' in page
    assert "Found" in page


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=%00",
        "q=%00",
        "q=" + "x" * 3000,
        "team=x",
        "status=x&environment=x",
        "sort=x&page=-1",
        "sort=name&page=x&cursor=x",
    ],
)
def test_no_query_breaks_the_list(anns, key, query):
    assert anns.get(f"/keys/?{query}").status_code in (200, 302)


def test_many_keys_come_in_pages_and_each_once(anns, ann, settings):
    settings.API_KEYS_PER_TEAM = 200
    for number in range(120):
        ApiKey.objects.issue(team=ann.home_team, by=ann, name=f"Key {number}", scopes=["users:read"])
    seen, query = [], ""
    while query is not None:
        page = anns.get(f"/keys/{query}").text
        seen += re.findall(r">(Key \d+)</a>", page)
        older = re.search(r'href="(\?[^"]*cursor[^"]*)"', page)
        query = older and older[1]
    assert seen == [f"Key {number}" for number in reversed(range(120))]


def test_who_has_revoked_keys_alone_is_told_so_and_led_to_them(anns, make):
    make("old", revoked_at=NOW)
    page = anns.get("/keys/").text
    assert "Every key of this team is revoked." in page and "No key fits" not in page
    assert 'href="/keys/?status=revoked"' in page


def test_keys_are_sorted_by_name_or_end_in_pages_too(anns, ann, settings):
    settings.API_KEYS_PER_TEAM = 200
    for number in range(60):
        ApiKey.objects.issue(
            team=ann.home_team,
            by=ann,
            name=f"{'kK'[number % 2]}ey {number:02}",
            scopes=["users:read"],
            expires_at=timezone.now() + timedelta(days=100 - number) if number < 55 else None,
        )

    def listed(query):
        page = anns.get(f"/keys/{query}").text
        following = re.search(r'href="(\?[^"]*)" rel="next"', page)
        more = listed(following[1].replace("&amp;", "&")) if following else []
        return [int(number) for number in re.findall(r">[kK]ey (\d+)</a>", page)] + more

    assert listed("?sort=name") == list(range(60))
    assert listed("?sort=expiry") == [*reversed(range(55)), *range(55, 60)]
    assert listed("") == [*reversed(range(60))]
    assert "No key fits" in anns.get("/keys/?sort=name&page=1000").text


@pytest.mark.parametrize(
    ("left", "badge"),
    [
        (timedelta(days=5, hours=1), "Expires in 6 days"),
        (timedelta(minutes=50), "Expires in 1 hour"),
        (timedelta(days=8), "Active"),
    ],
)
def test_an_end_that_is_near_is_said(anns, key, left, badge):
    ApiKey.objects.update(expires_at=timezone.now() + left)
    assert f">{badge}</span>" in anns.get("/keys/").text


def test_the_list_and_the_page_say_when_a_key_was_last_used_and_from_where(anns, api, new_key):
    used = new_key(name="Used")
    assert "Never used" in anns.get(f"/keys/{used['id']}/").text
    assert anns.get("/keys/").text.count("Never\xa0used") == 1
    api.with_key(used["key"]).call("GET", "/users", REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Job<1>")
    usage.flush()
    page = anns.get(f"/keys/{used['id']}/").text
    assert "from <code>203.0.113.9</code> by Job&lt;1&gt;" in page
    assert "Just now" in anns.get("/keys/").text
    LastUse.objects.update(last_used_at=timezone.now() - timedelta(hours=3))
    assert "3\xa0hours ago" in anns.get("/keys/").text


def test_a_suspended_team_is_said(anns, ann, key):
    ann.home_team.suspend(by=None)
    assert "Team suspended" in anns.get("/keys/").text


def test_each_key_says_its_environment_in_a_word(anns, make):
    make("Trial", environment="test")
    page = anns.get("/keys/").text
    assert '<span class="badge test">Test</span>' in page
    assert '<span class="badge live">Live</span>' not in page


@pytest.mark.parametrize(
    "at",
    [
        NOW - timedelta(**ago)
        for ago in (
            {"seconds": 60},
            {"minutes": 59, "seconds": 59},
            {"hours": 1},
            {"hours": 23, "minutes": 59},
            {"days": 1},
            {"days": 6, "hours": 23},
            {"days": 7},
            {"days": 28},
            {"days": 29},
            {"days": 30, "hours": 1},
            {"days": 31},
            {"days": 59},
            {"days": 364},
            {"days": 365},
            {"days": 366},
            {"days": 4000},
        )
    ]
    + [
        datetime(2026, month, day, hour, tzinfo=UTC)
        for month in (1, 2)
        for day in (28, 30, 31)
        for hour in (11, 13)
        if day < 29 + month % 2 * 3
    ],
)
def test_how_long_ago_is_what_django_says(at):
    with time_machine.travel(NOW, tick=False):
        assert f">{timesince(at, depth=1)} ago<" in last_used(at)


@pytest.mark.parametrize("seconds", [-5, 0, 59])
def test_what_was_used_within_a_minute_was_used_just_now(seconds):
    with time_machine.travel(NOW, tick=False):
        assert ">Just now<" in last_used(NOW - timedelta(seconds=seconds))
