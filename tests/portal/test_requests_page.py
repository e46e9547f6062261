"""ux.md, “requests”: time, method, route, status, ms, key, address, request id; filters; no bodies, no query values."""

import pytest

from apikeys import keys
from apikeys.models import ApiKey, RequestRecord
from apikeys.portal import requests
from apikeys.templatetags.requests import answer, took


def routes_of(page):
    return [record.request_id for record in page.context["records"]]


@pytest.fixture(autouse=True)
def an_empty_log(db):
    RequestRecord.objects.all().delete()


def test_a_team_without_requests_is_led_to_its_first(anns):
    page = anns.get("/requests/").text
    assert "Nothing was asked lately." in page
    assert 'href="/quick-start/"' in page


def test_each_row_says_when_what_how_it_was_answered_by_which_key_and_from_where(anns, key, used):
    seen = used(key, status=403, code="insufficient_scope", rule="scope users:write")
    page = anns.get("/requests/").text
    for said in (
        f'<a href="/requests/{seen.pk}/">GET /api/v1/users</a>',
        f'<time datetime="{seen.created_at.isoformat()}"',
        '<span class="badge bad">403</span> <code>insufficient_<wbr>scope</code>',
        "scope users:write",
        "1\u00a0ms",
        f'<a href="/keys/{key.pk}/">Ann&#x27;s server</a>',
        "203.0.113.9",
        "<code>req-2</code>",
    ):
        assert said in page, said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=refused", ["req-2"]),
        ("status=ok", ["req-1"]),
        ("status=403", ["req-2"]),
        ("status=404", []),
        ("code=insufficient_scope", ["req-2"]),
        ("since=2999-01-01", []),
        ("until=2001-01-01", []),
        ("since=0001-01-01&until=9999-12-31", ["req-1", "req-2"]),
        ("since=nonsense&status=nonsense", ["req-1", "req-2"]),
        ("key=PREFIX", ["req-1", "req-2"]),
        ("key=ID&status=ok", ["req-1"]),
        ("key=nonsense", []),
    ],
)
def test_filters_show_what_fits(anns, key, used, query, found):
    used(key, hours=2, status=403, code="insufficient_scope")
    used(key, hours=1)
    query = query.replace("PREFIX", key.key_prefix).replace("ID", str(key.pk))
    assert routes_of(anns.get(f"/requests/?{query}")) == found


def test_a_pasted_key_is_cut_to_its_prefix_before_anything_else(anns, ann):
    row, text = ApiKey.objects.issue(team=ann.home_team, by=ann, name="Pasted", scopes=["users:read"])
    answer = anns.get("/requests/", {"key": text, "status": "refused"})
    assert answer["Location"] == f"/requests/?key={row.key_prefix}&status=refused"
    assert anns.get("/requests/", {"key": keys.mint("live").prefix}).context["records"] == []


def test_pages_go_on_where_the_last_one_ended(anns, key, used, monkeypatch):
    monkeypatch.setattr(requests, "PAGE", 1)
    used(key, hours=2)
    used(key, hours=1)
    first = anns.get("/requests/?status=ok")
    assert routes_of(first) == ["req-1"]
    second = anns.get(f"/requests/{first.context['next']}")
    assert (routes_of(second), second.context["next"]) == (["req-2"], "")


def test_another_teams_requests_are_not_there(anns, bobs, bob, key, used):
    used(key)
    assert routes_of(bobs.get("/requests/")) == []
    assert routes_of(bobs.get(f"/requests/?key={key.pk}")) == []


def test_the_page_asks_the_same_of_the_database_however_long_it_is(anns, key, used, django_assert_max_num_queries):
    for hours in range(1, 9):
        used(key, hours=hours)
    with django_assert_max_num_queries(9):
        assert len(anns.get("/requests/").context["records"]) == 8


@pytest.mark.parametrize(
    ("ms", "words"), [(2.0, "2\u00a0ms"), (2.26, "2.3\u00a0ms"), (0.0, "0\u00a0ms"), (1234.5, "1234.5\u00a0ms")]
)
def test_it_says_how_long_it_took_to_a_tenth(ms, words):
    assert took(RequestRecord(ms=ms)) == words


@pytest.mark.parametrize(("status", "tone"), [(200, "good"), (302, "good"), (403, "bad"), (429, "warn"), (500, "bad")])
def test_an_answer_has_a_tone_and_its_code_may_break_behind_a_line(status, tone):
    badge = f'<span class="badge {tone}">{status}</span>'
    assert answer(RequestRecord(status=status)) == badge
    assert answer(RequestRecord(status=status, code="a<_b")) == f"{badge} <code>a&lt;_<wbr>b</code>"
