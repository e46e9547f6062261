"""What keys are used for, as operators see it: the recent requests, a key's own numbers, the lists to act on."""

from datetime import timedelta

from django.utils import timezone
from django.utils.html import escape
from uuid_utils.compat import uuid7

from apikeys.explaining import explain
from apikeys.models import ApiKey, LastUse, Outcome, UsageHour
from tests.admin.test_search import found

REQUESTS = "apikeys/requestrecord"


def listed(browser, noun, **filters):
    """The ids that a list shows."""
    response = browser.page(f"{noun}/", **filters)
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


def test_a_request_says_what_was_asked_why_it_was_refused_and_by_whom(at_admin, asked, key, ann):
    record = asked(key_id=key.pk, team_id=key.team_id, developer_id=ann.pk, request_id="from-the-caller")
    page = at_admin.page(f"{REQUESTS}/").content.decode()
    shown = ("POST", "/api/v1/users", "403", "insufficient_scope", "scope users:write", "1.2", "203.0.113.7")
    for text in (*shown, f"{record.created_at:%Y-%m-%d %H:%M:%S}", key.key_prefix):
        assert text in page, text
    page = at_admin.page(f"{REQUESTS}/{record.pk}/change/").content.decode()
    for text in (*shown, "probe/1", "from-the-caller", str(record.pk), ann.email, f"/admin/apikeys/apikey/{key.pk}/"):
        assert text in page, text
    assert "?q=from-the-caller" in page


def test_a_request_s_page_explains_it_as_the_portal_does(at_admin, asked):
    record = asked()
    explained = explain(record)
    assert explained.refused and "users:write" in explained.why and explained.curl
    page = at_admin.page(f"{REQUESTS}/{record.pk}/change/").content.decode()
    for text in (explained.title, explained.why, explained.next, explained.curl):
        assert escape(text) in page, text
    assert "<input" not in page.partition('class="form-row field-why"')[2].partition("</fieldset>")[0]


def test_what_a_caller_sent_is_not_repeated_as_an_explanation(at_admin, asked):
    record = asked(route="", code="<b>x</b>", failed_rule="<b>y</b>", status=404, user_agent="<i>z</i>")
    page = at_admin.page(f"{REQUESTS}/{record.pk}/change/").content.decode()
    said = page.partition("field-answer")[2].partition("</fieldset>")[0]
    assert "404 Not Found" in said and "without a code of ours" in said
    assert "<b>" not in page and "<i>z" not in page


def test_a_request_that_was_answered_says_that_nothing_was_refused(at_admin, asked):
    record = asked(status=200, code="", failed_rule="")
    assert "Nothing was refused." in at_admin.page(f"{REQUESTS}/{record.pk}/change/").content.decode()


def test_a_request_outlives_its_key(at_admin, asked):
    gone = uuid7()
    record = asked(key_id=gone, team_id=gone, developer_id=gone)
    for path in (f"{REQUESTS}/", f"{REQUESTS}/{record.pk}/change/"):
        page = at_admin.page(path).content.decode()
        assert str(gone) in page
        assert f"/{gone}/change/" not in page


def test_a_request_is_found_by_its_ids_its_key_and_its_address(at_admin, asked, key):
    asked(ip="198.51.100.1", request_id="another")
    record = asked(key_id=key.pk, team_id=key.team_id, request_id="the-one")
    for text in ("the-one", str(record.pk), key.key_prefix, key.public_id[:6], str(key.pk), "203.0.113.7"):
        assert found(at_admin, REQUESTS, text) == [str(record.pk)], text
    assert found(at_admin, REQUESTS, "::ffff:203.0.113.7") == [str(record.pk)]
    assert found(at_admin, REQUESTS, "the-") == found(at_admin, REQUESTS, "203.0.113.8") == []


def test_a_whole_key_that_is_pasted_finds_its_requests(at_admin, asked, key, whole_key):
    record = asked(key_id=key.pk, team_id=key.team_id)
    assert found(at_admin, REQUESTS, whole_key) == [str(record.pk)]


def test_requests_are_filtered_by_status_code_and_team_newest_first(at_admin, asked, key):
    fine = asked(status=200, code="", failed_rule="", key_id=key.pk, team_id=key.team_id)
    stranger = asked(status=401, code="invalid_api_key")
    broken = asked(status=500, code="server_error")
    assert listed(at_admin, REQUESTS) == [broken.pk, stranger.pk, fine.pk]
    assert listed(at_admin, REQUESTS, status="ok") == [fine.pk]
    assert listed(at_admin, REQUESTS, status="refused") == [stranger.pk]
    assert listed(at_admin, REQUESTS, status="failed") == [broken.pk]
    assert listed(at_admin, REQUESTS, status="401") == [stranger.pk]
    assert listed(at_admin, REQUESTS, code="server_error") == [broken.pk]
    assert listed(at_admin, REQUESTS, team="yes") == [fine.pk]
    assert listed(at_admin, REQUESTS, team="no") == [broken.pk, stranger.pk]
    html = at_admin.page(f"{REQUESTS}/").content.decode()
    assert "?code=invalid_api_key" in html


def test_support_needs_a_permission_for_requests(sue, asked):
    asked()
    assert sue("view_apikey").page(f"{REQUESTS}/").status_code == 403
    assert sue("view_requestrecord").page(f"{REQUESTS}/").status_code == 200
    assert sue("change_requestrecord").page(f"{REQUESTS}/").status_code == 403


def test_a_key_s_page_says_how_it_is_used(at_admin, key):
    page = at_admin.page(f"apikeys/apikey/{key.pk}/change/").content.decode()
    assert page.count(">never<") == 2
    assert page.count(">none<") == 2
    now = timezone.now()
    LastUse.objects.create(
        key_id=key.pk, first_used_at=now - timedelta(days=9), last_used_at=now, ip="203.0.113.7", user_agent="probe/1"
    )
    for hours, outcome, count in ((0, "2xx", 1200), (0, "429", 5), (30, "2xx", 34), (200, "2xx", 999_999)):
        UsageHour.objects.create(key_id=key.pk, hour=now - timedelta(hours=hours), outcome=outcome, count=count)
    page = at_admin.page(f"apikeys/apikey/{key.pk}/change/").content.decode()
    assert f"{now - timedelta(days=9):%Y-%m-%d %H:%M:%S} UTC" in page
    assert f"{now:%Y-%m-%d %H:%M:%S} UTC from 203.0.113.7, probe/1" in page
    assert ">2xx: 1,200, 429: 5<" in page
    assert ">2xx: 1,234, 429: 5<" in page


def test_keys_are_listed_by_how_they_are_used(at_admin, ann, key):
    ApiKey.objects.update(created_at=timezone.now() - timedelta(days=100))
    fresh, _ = ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])
    refused, _ = ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])
    now = timezone.now()
    LastUse.objects.create(key_id=refused.pk, first_used_at=now, last_used_at=now)
    UsageHour.objects.create(key_id=refused.pk, hour=now, outcome=Outcome.FORBIDDEN, count=50)
    assert listed(at_admin, "apikeys/apikey", use="unused") == [key.pk]
    assert listed(at_admin, "apikeys/apikey", use="never") == [fresh.pk, key.pk]
    assert listed(at_admin, "apikeys/apikey", use="refused") == [refused.pk]
    assert listed(at_admin, "apikeys/apikey", use="never", status="active") == [fresh.pk, key.pk]
    assert len(listed(at_admin, "apikeys/apikey", use="nonsense")) == 3


def test_how_keys_are_used_costs_the_list_nothing(at_admin, key, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as queries:
        at_admin.page("apikeys/apikey/")
    assert [query["sql"] for query in queries if "usage" in query["sql"] or "lastuse" in query["sql"]] == []
