"""ux.md, “usage”: total, success share, 401/403/429 split, top endpoints; three windows; chart, table and CSV."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db.models import F
from django.utils import timezone

from apikeys import ranking
from apikeys.models import ApiKey, BusiestKeys, EndpointDay, Outcome, TeamEndpointDay, TeamHour, UsageDay, UsageHour
from apikeys.templatetags.charts import start_of, usage_chart
from apikeys.usage import reading
from apikeys.usage.reading import usage_of


@pytest.fixture
def count(key):
    """count("2xx", 5, hours=3): so many answers of the key, so many hours ago."""

    def count(outcome, number, hours=0, of=key):
        hour = (timezone.now() - timedelta(hours=hours)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        row = UsageHour.objects.create(key_id=of.pk, hour=hour, outcome=outcome, count=number)
        of_team, _ = TeamHour.objects.get_or_create(team_id=of.team_id, hour=hour, outcome=outcome)
        TeamHour.objects.filter(pk=of_team.pk).update(count=F("count") + number)
        return row

    return count


def test_a_team_that_asked_nothing_is_led_to_its_first_call(anns):
    page = anns.get("/usage/").text
    assert "Nothing was asked with a key in the last 24 hours." in page
    assert 'href="/quick-start/"' in page
    assert "<svg" not in page


def test_it_says_how_many_the_share_that_went_well_and_the_split(anns, key, count):
    for outcome, number in ((Outcome.SUCCESS, 90), (Outcome.UNAUTHORIZED, 1), (Outcome.FORBIDDEN, 2), ("429", 7)):
        count(outcome, number)
    called = {"day": timezone.now().date(), "method": "GET", "route": "/api/v1/users", "count": 100}
    EndpointDay.objects.create(key_id=key.pk, **called)
    TeamEndpointDay.objects.create(team_id=key.team_id, **called)
    page = anns.get("/usage/")
    assert (page.context["usage"]["total"], page.context["good"]) == (100, "90 %")
    assert page.context["refused"] == {"unauthorized": 1, "forbidden": 2, "limited": 7}
    assert "GET /api/v1/users" in page.text
    assert "GET /api/v1/users" in anns.get(f"/keys/{key.pk}/usage/").text
    assert f'href="/keys/{key.pk}/usage/?window=24h">Ann&#x27;s server</a>' in page.text


@pytest.mark.parametrize(
    ("window", "total", "buckets"), [("24h", 1, 24), ("7d", 11, 7), ("30d", 111, 30), ("x", 1, 24)]
)
def test_each_window_counts_what_fell_into_it(anns, count, window, total, buckets):
    for number, hours in ((1, 0), (10, 5 * 24), (100, 20 * 24), (1000, 40 * 24)):
        count(Outcome.SUCCESS, number, hours)
    page = anns.get(f"/usage/?window={window}")
    assert page.context["usage"]["total"] == total
    assert len(page.context["buckets"]) == buckets


def test_days_that_were_rolled_up_are_not_counted_twice(anns, key, count):
    count(Outcome.SUCCESS, 5, hours=10 * 24)
    day = (timezone.now() - timedelta(days=10)).astimezone(UTC).date()
    UsageDay.objects.create(key_id=key.pk, day=day, outcome="2xx", count=5)
    UsageDay.objects.create(key_id=key.pk, day=timezone.now().astimezone(UTC).date(), outcome="2xx", count=1)
    count(Outcome.SUCCESS, 1)
    page = anns.get("/usage/?window=30d")
    assert page.context["usage"]["total"] == 6
    assert [row["total"] for row in page.context["busiest"]] == [6]


def test_a_key_has_a_page_of_its_own(anns, ann, key, count):
    other = ApiKey.objects.issue(team=ann.home_team, by=ann, name="Other", scopes=["users:read"])[0]
    count(Outcome.SUCCESS, 3)
    count(Outcome.SUCCESS, 4, of=other)
    assert anns.get("/usage/").context["usage"]["total"] == 7
    assert [row["key"].name for row in anns.get("/usage/").context["busiest"]] == ["Other", "Ann's server"]
    assert anns.get(f"/keys/{key.pk}/usage/").context["usage"]["total"] == 3


def test_the_page_says_what_the_api_says(anns, as_ann, count):
    count(Outcome.SUCCESS, 3, hours=2)
    count(Outcome.INVALID, 2)
    said = as_ann.call("GET", "/usage?window=7d").json()
    shown = anns.get("/usage/?window=7d").context["usage"]
    assert (said["total"], said["by_status"]) == (shown["total"], shown["by_status"])


def test_the_file_has_a_line_for_each_hour(anns, key, count):
    count(Outcome.SUCCESS, 3)
    count(Outcome.FORBIDDEN, 2)
    count(Outcome.LIMITED, 1)
    for path in ("/usage/download/", f"/keys/{key.pk}/usage/download/"):
        answer = anns.get(path)
        assert answer["Content-Disposition"] == 'attachment; filename="usage-24h.csv"'
        rows = list(csv.DictReader(StringIO(answer.getvalue().decode())))
        assert len(rows) == 24
        assert {name: rows[-1][name] for name in ("requests", "errors", "throttled")} == {
            "requests": "6",
            "errors": "2",
            "throttled": "1",
        }


def test_the_chart_is_an_image_with_a_name_and_no_style_of_its_own(key, count):
    count(Outcome.SUCCESS, 3)
    count(Outcome.LIMITED, 1)
    chart = usage_chart(usage_of(ApiKey.objects.filter(pk=key.pk), "24h"))
    assert '<title id="chart-title">Requests by the hour</title>' in chart
    assert "4 requests in all" in chart
    assert chart.count("<rect") == 2
    assert "style=" not in chart
    assert "<script" not in chart


@pytest.mark.parametrize(("length", "words"), [("hour", "9 Mar, 08:00"), ("day", "9 Mar")])
def test_a_row_begins_with_its_hour_or_its_day(length, words):
    start = datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert start_of({"start": start}, length) == f'<time datetime="2026-03-09T08:00:00+00:00">{words}</time>'


def test_the_page_asks_the_same_of_the_database_however_many_keys_there_are(
    anns, ann, count, django_assert_max_num_queries
):
    for number in range(12):
        count("2xx", 1, of=ApiKey.objects.issue(team=ann.home_team, by=ann, name=f"{number}", scopes=["users:read"])[0])
    with django_assert_max_num_queries(14):
        anns.get("/usage/?window=30d")


@pytest.fixture
def many(monkeypatch):
    """From now on a team with one key has very many."""
    monkeypatch.setattr(ranking, "MANY_KEYS", 1)


def busiest(browser, window="24h"):
    return [(row["key"].name, row["total"]) for row in browser.get(f"/usage/?window={window}").context["busiest"]]


@pytest.mark.usefixtures("many")
def test_the_busiest_of_very_many_keys_are_ranked_before_anybody_asks(anns, bobs, key, count, monkeypatch):
    count(Outcome.SUCCESS, 3)
    assert ranking.rank_keys() == 3  # windows; Bob's team has no key
    monkeypatch.setattr(reading, "ranked", lambda *_: pytest.fail("looked at every key"))
    assert busiest(anns) == busiest(anns, "30d") == [("Ann's server", 3)]
    monkeypatch.undo()
    assert busiest(bobs) == []


@pytest.mark.usefixtures("many")
def test_what_the_ranked_keys_did_since_counts_and_decides_their_order(anns, ann, key, count):
    other = ApiKey.objects.issue(team=ann.home_team, by=ann, name="Other", scopes=["users:read"])[0]
    count(Outcome.SUCCESS, 3)
    count(Outcome.SUCCESS, 2, of=other)
    ranking.rank_keys()
    count(Outcome.FORBIDDEN, 5, of=other)
    assert busiest(anns) == [("Other", 7), ("Ann's server", 3)]
    assert anns.get("/usage/").context["usage"]["total"] == 10


@pytest.mark.usefixtures("many")
def test_a_ranking_is_made_anew_after_ten_minutes_and_holds_for_an_hour(anns, ann, key, count):
    count(Outcome.SUCCESS, 3)
    ranking.rank_keys()
    late = ApiKey.objects.issue(team=ann.home_team, by=ann, name="Late", scopes=["users:read"])[0]
    count(Outcome.SUCCESS, 9, of=late)
    assert ranking.rank_keys() == 0
    assert busiest(anns) == [("Ann's server", 3)]
    BusiestKeys.objects.update(ranked_at=timezone.now() - timedelta(minutes=61))
    assert busiest(anns) == [("Late", 9), ("Ann's server", 3)]
    assert ranking.rank_keys() == 3
    assert busiest(anns) == [("Late", 9), ("Ann's server", 3)]


def test_a_team_with_few_keys_is_not_ranked(key, count):
    count(Outcome.SUCCESS, 3)
    assert ranking.rank_keys() == 0
    assert not BusiestKeys.objects.exists()
