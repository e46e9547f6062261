"""GET /api-keys."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership, Role
from apikeys.models import ApiKey
from protocol.pages import cursor_at

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"


def names(answer):
    assert answer.status_code == 200, answer.content
    return [key["name"] for key in answer.json()]


@pytest.fixture
def one_of_each(new_key, as_ann):
    """Four keys named after their status."""
    keys = {status: new_key(name=status) for status in ("active", "disabled", "expired", "revoked")}
    as_ann.call("PATCH", f"/api-keys/{keys['disabled']['id']}", {"enabled": False})
    as_ann.call("DELETE", f"/api-keys/{keys['revoked']['id']}")
    ApiKey.objects.filter(name="expired").update(expires_at=timezone.now() - timedelta(seconds=1))
    return keys


def test_a_list_is_bare_and_newest_first(as_ann, new_key):
    new_key(name="old")
    new_key(name="new")
    assert names(as_ann.call("GET", "/api-keys")) == ["new", "old"]


def test_revoked_keys_are_left_out_unless_asked_for(as_ann, one_of_each):
    assert names(as_ann.call("GET", "/api-keys")) == ["expired", "disabled", "active"]
    assert names(as_ann.call("GET", "/api-keys?status=all")) == ["revoked", "expired", "disabled", "active"]


@pytest.mark.parametrize("status", ["active", "disabled", "expired", "revoked"])
def test_a_status_filter_finds_exactly_the_keys_that_show_it(as_ann, one_of_each, status):
    answer = as_ann.call("GET", f"/api-keys?status={status}")
    assert names(answer) == [status]
    assert answer.json()[0]["status"] == status


def test_the_status_is_the_first_that_holds(as_ann, one_of_each):
    long_ago = timezone.now() - timedelta(days=1)
    ApiKey.objects.filter(name="revoked").update(expires_at=long_ago, disabled_at=long_ago)
    ApiKey.objects.filter(name="expired").update(disabled_at=long_ago)
    assert names(as_ann.call("GET", "/api-keys?status=revoked")) == ["revoked"]
    assert names(as_ann.call("GET", "/api-keys?status=expired")) == ["expired"]
    assert names(as_ann.call("GET", "/api-keys?status=disabled")) == ["disabled"]
    shown = {key["name"]: key["status"] for key in as_ann.call("GET", "/api-keys?status=all").json()}
    assert shown == {name: name for name in one_of_each}


def test_the_environment_filter(as_ann, new_key):
    new_key(name="a"), new_key(name="b", environment="test")
    assert names(as_ann.call("GET", "/api-keys?environment=test")) == ["b"]
    assert names(as_ann.call("GET", "/api-keys?environment=live")) == ["a"]


def test_the_team_filter_and_the_keys_of_every_team_of_the_caller(as_ann, as_bob, ann, bob, new_key):
    new_key(name="ann's")
    as_bob.call("POST", "/api-keys", {"name": "bob's"})
    assert names(as_ann.call("GET", "/api-keys")) == ["ann's"]
    Membership.objects.create(team=bob.home_team, developer=ann, role=Role.VIEWER)
    assert names(as_ann.call("GET", "/api-keys")) == ["bob's", "ann's"]
    assert names(as_ann.call("GET", f"/api-keys?team={bob.home_team_id}")) == ["bob's"]


def test_a_foreign_team_and_an_unknown_one_are_refused_alike(as_ann, bob, faults_at):
    for team in (bob.home_team_id, UNKNOWN):
        assert faults_at(as_ann.call("GET", f"/api-keys?team={team}")) == [("team", "not_found")]


def test_a_viewer_reads(as_vera, ann, new_key):
    new_key(name="ann's")
    assert names(as_vera.call("GET", f"/api-keys?team={ann.home_team_id}")) == ["ann's"]


def test_the_link_header_leads_through_every_page(as_ann, new_key):
    for number in range(5):
        new_key(name=str(number), environment="test")
    new_key(name="live")
    # Two rows of one moment must not be lost nor shown twice at the edge of a page.
    moment = ApiKey.objects.get(name="2").created_at
    ApiKey.objects.filter(name__in=("2", "3")).update(created_at=moment)
    seen, path = [], "/api-keys?limit=2&environment=test"
    while path:
        answer = as_ann.call("GET", path)
        seen.append(names(answer))
        assert len(seen) < 5
        link = answer.headers.get("Link")
        path = None
        if link:
            url, _, rel = link.partition(">; ")
            assert rel == 'rel="next"'
            assert url.startswith("<http://127.0.0.1:8000/api/v1/api-keys?")
            path = url.partition("/api/v1")[2]
    assert [len(page) for page in seen] == [2, 2, 1]
    assert sorted(name for page in seen for name in page) == ["0", "1", "2", "3", "4"]


def test_a_page_that_is_just_full_has_no_next(as_ann, new_key):
    new_key(), new_key()
    assert "Link" not in as_ann.call("GET", "/api-keys?limit=2")
    assert "Link" in as_ann.call("GET", "/api-keys?limit=1")


def test_the_list_does_not_ask_once_per_key(as_ann, new_key, django_assert_num_queries):
    for _ in range(4):
        new_key()
    with django_assert_num_queries(2):  # who is calling; the keys
        as_ann.call("GET", "/api-keys")


@pytest.mark.parametrize("cursor", ["x", "%FF", "AAAA", "A" * 32, "é", "-" * 32, "%00"])
def test_a_cursor_that_is_not_ours_is_refused_or_at_the_start_of_time(as_ann, new_key, cursor):
    new_key()
    answer = as_ann.call("GET", f"/api-keys?cursor={cursor}")
    assert answer.status_code == 422 or answer.json() == []


def test_a_bad_cursor_is_a_fault_of_the_parameter(as_ann, faults_at):
    assert faults_at(as_ann.call("GET", "/api-keys?cursor=nonsense")) == [("cursor", "bad_cursor")]


@pytest.mark.parametrize("more", ["%00", "%0A", "!"])
def test_a_cursor_with_more_in_it_is_not_taken_for_the_one_of_ours(as_ann, faults_at, more):
    cursor = cursor_at(timezone.now(), uuid.uuid4())
    assert as_ann.call("GET", f"/api-keys?cursor={cursor}").status_code == 200
    strange = as_ann.call("GET", f"/api-keys?cursor={cursor[:9]}{more}{cursor[9:]}")
    assert faults_at(strange) == [("cursor", "bad_cursor")]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("limit=0", ("limit", "min_value")),
        ("limit=201", ("limit", "max_value")),
        ("limit=ten", ("limit", "invalid")),
        ("status=gone", ("status", "invalid_choice")),
        ("environment=prod", ("environment", "invalid_choice")),
        ("team=mine", ("team", "invalid")),
        ("page=2", ("page", "unknown_field")),
        ("limit=1&limit=2", ("limit", "duplicate_field")),
    ],
)
def test_it_refuses_a_wrong_parameter_by_name(as_ann, faults_at, query, fault):
    assert faults_at(as_ann.call("GET", f"/api-keys?{query}")) == [fault]


def test_limits_from_one_to_two_hundred_are_taken(as_ann, db):
    assert as_ann.call("GET", "/api-keys?limit=1").status_code == 200
    assert as_ann.call("GET", "/api-keys?limit=200").status_code == 200


def test_a_key_may_not_list_keys(api, new_key):
    answer = api.with_key(new_key()["key"]).call("GET", "/api-keys")
    assert (answer.status_code, answer.json()["code"]) == (403, "developer_session_required")
