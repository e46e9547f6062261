"""What keys are used for is counted off the request path, exactly, and shown by window."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, Error, connection
from django.db.models import Sum
from django.utils import timezone

from apikeys import usage
from apikeys.models import (
    ApiKey,
    EndpointDay,
    LastUse,
    Outcome,
    RequestRecord,
    TeamEndpointDay,
    TeamHour,
    UsageBatch,
    UsageDay,
    UsageHour,
)
from apikeys.usage import recorder

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def nothing_counted(db):
    """Earlier tests of this process may have left something on its way."""
    usage.flush()
    for model in (UsageHour, EndpointDay, TeamHour, TeamEndpointDay, LastUse, RequestRecord, UsageBatch):
        model.objects.all().delete()


@pytest.fixture
def asked(as_ann):
    """asked(key answer, window) → its usage over the API, after what was counted is written."""

    def asked(key, window="24h"):
        assert usage.flush()
        answer = as_ann.call("GET", f"/api-keys/{key['id']}/usage?window={window}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    return asked


def test_every_answer_to_a_recognised_key_is_counted_by_its_outcome(api, as_ann, new_key, asked):
    key = new_key(scopes=["users:read"], rate_limit={"limit": 6, "per_seconds": 60})
    caller = api.with_key(key["key"])
    calls = [("GET", "/users"), ("POST", "/users"), ("GET", f"/users/{UNKNOWN}"), ("GET", "/users?limit=0")]
    calls += [("PUT", "/users"), ("GET", "/users"), ("GET", "/users"), ("GET", "/users")]
    assert [caller.call(*call).status_code for call in calls] == [200, 403, 404, 422, 405, 200, 429, 429]
    as_ann.call("DELETE", f"/api-keys/{key['id']}")
    assert caller.call("GET", "/users").status_code == 401
    found = asked(key)
    want = {"2xx": 2, "401": 1, "403": 1, "404": 1, "422": 1, "429": 2, "4xx": 1, "5xx": 0}
    assert found["by_status"] == want
    assert found["total"] == 9
    assert len(found["series"]) == 24
    assert found["series"][-1] == {"start": found["series"][-1]["start"], "requests": 9, "errors": 5, "throttled": 2}
    assert sum(bucket["requests"] for bucket in found["series"]) == 9


def test_a_wrong_key_with_a_known_public_id_is_nobodys_use(api, new_key, asked):
    key = new_key()
    from apikeys import keys

    unsigned = key["key"][:-7] + ("a" if key["key"][-7] != "a" else "b")
    assert api.with_key(unsigned + keys.checksum(unsigned)).call("GET", "/users").status_code == 401
    assert asked(key)["total"] == 0
    assert RequestRecord.objects.get(status=401).team_id is None


def test_a_request_writes_nothing_until_the_flush(api, new_key, django_assert_num_queries):
    caller = api.with_key(new_key()["key"])
    caller.call("GET", "/api-keys/self")
    with django_assert_num_queries(2):
        caller.call("GET", f"/users/{UNKNOWN}")  # the key, and the person
    assert not UsageHour.objects.exists()
    assert usage.flush()
    assert UsageHour.objects.exists()


def test_two_flushes_add_up(api, new_key, asked):
    key = new_key()
    for expected in (1, 2, 3):
        api.with_key(key["key"]).call("GET", "/users")
        assert asked(key)["total"] == expected
    assert UsageHour.objects.filter(outcome=Outcome.SUCCESS).count() == 1


def test_a_batch_whose_commit_was_lost_on_the_way_is_not_counted_twice(api, new_key, asked, monkeypatch):
    key = new_key()
    api.with_key(key["key"]).call("GET", "/users")
    write = recorder.write

    def write_and_lose_the_answer(batch, totals):
        write(batch, totals)
        raise Error("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(recorder, "write", write_and_lose_the_answer)
        assert usage.flush() is False
    api.with_key(key["key"]).call("GET", "/users")
    assert asked(key)["total"] == 2


def test_what_the_database_did_not_take_is_kept_for_the_next_time(api, new_key, asked, monkeypatch, caplog):
    key = new_key()

    def refuse(batch, totals):
        raise Error("read-only")

    with monkeypatch.context() as patch:
        patch.setattr(recorder, "write", refuse)
        for _ in range(3):
            api.with_key(key["key"]).call("GET", "/users")
            assert usage.flush() is False
    assert asked(key)["total"] == 3
    assert RequestRecord.objects.filter(route="/api/v1/users").count() == 3
    assert "kept for the next time" in caplog.text


def test_the_last_use_has_time_address_and_agent(api, as_ann, new_key):
    key = new_key()
    assert key["last_used_at"] is None
    api.with_key(key["key"]).call("GET", "/users", HTTP_USER_AGENT="First/1")
    api.with_key(key["key"]).call("GET", "/users", REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Last/2")
    usage.flush()
    use = LastUse.objects.get(pk=key["id"])
    assert (use.ip, use.user_agent) == ("203.0.113.9", "Last/2")
    assert use.first_used_at < use.last_used_at <= timezone.now()
    for answer in (as_ann.call("GET", f"/api-keys/{key['id']}").json(), as_ann.call("GET", "/api-keys").json()[0]):
        shown = datetime.fromisoformat(answer["last_used_at"])
        assert abs(shown - use.last_used_at) < timedelta(milliseconds=1)


def test_a_late_batch_does_not_turn_the_last_use_back(api, new_key):
    key = new_key()
    later = datetime(2999, 1, 1, tzinfo=UTC)
    LastUse.objects.create(pk=key["id"], first_used_at=later, last_used_at=later, ip="198.51.100.1", user_agent="Later")
    api.with_key(key["key"]).call("GET", "/users")
    usage.flush()
    use = LastUse.objects.get(pk=key["id"])
    assert (use.last_used_at, use.ip, use.user_agent) == (later, "198.51.100.1", "Later")
    assert use.first_used_at < later


def test_endpoints_are_counted_by_their_template(api, new_key):
    key = new_key()
    for number in range(3):
        api.with_key(key["key"]).call("GET", f"/users/0192f1aa-0000-7000-8000-00000000000{number}")
    api.with_key(key["key"]).call("GET", "/no/such/thing")
    usage.flush()
    rows = EndpointDay.objects.filter(key_id=key["id"]).values_list("method", "route", "count")
    assert list(rows) == [("GET", "/api/v1/users/{user_id}", 3)]


def test_a_key_under_a_former_pepper_is_digested_anew_after_its_use(api, new_key, settings):
    key = new_key()
    peppers = settings.API_KEY_PEPPERS
    settings.API_KEY_PEPPERS = {"p3": "x" * 40, **peppers}
    assert api.with_key(key["key"]).call("GET", "/users").status_code == 200
    assert ApiKey.objects.get(pk=key["id"]).pepper_id != "p3"
    usage.flush()
    assert ApiKey.objects.get(pk=key["id"]).pepper_id == "p3"
    settings.API_KEY_PEPPERS = {"p3": "x" * 40}
    assert api.with_key(key["key"]).call("GET", "/users").status_code == 200


@pytest.mark.parametrize(("window", "bucket", "number"), [("24h", "hour", 24), ("7d", "day", 7), ("30d", "day", 30)])
def test_a_window_has_its_buckets_and_forgets_what_is_older(new_key, asked, window, bucket, number):
    key = new_key()
    now = timezone.now()
    length = timedelta(hours=1) if bucket == "hour" else timedelta(days=1)
    floor = now.replace(minute=0, second=0, microsecond=0)
    for back in (0, number - 1, number):
        hour = floor - length * back
        UsageHour.objects.create(key_id=key["id"], hour=hour, outcome="2xx", count=10**back if back < 2 else 1)
    found = asked(key, window)
    assert (found["window"], found["bucket"], len(found["series"])) == (window, bucket, number)
    assert found["total"] == 2
    assert [found["series"][n]["requests"] for n in (0, -1)] == [1, 1]
    assert found["series"][0]["start"].endswith("Z")


def test_days_that_were_rolled_up_are_read_from_the_days_and_the_last_ones_from_the_hours(new_key, asked):
    key = new_key()
    today = timezone.now().date()
    for back in range(7):
        UsageDay.objects.create(key_id=key["id"], day=today - timedelta(days=back), outcome="2xx", count=100)
    noon = datetime.combine(today, datetime.min.time(), UTC)
    UsageHour.objects.create(key_id=key["id"], hour=noon, outcome="429", count=5)
    UsageHour.objects.create(key_id=key["id"], hour=noon - timedelta(days=1), outcome="2xx", count=7)
    UsageHour.objects.create(key_id=key["id"], hour=noon - timedelta(days=3), outcome="2xx", count=114)  # came late
    UsageHour.objects.create(key_id=key["id"], hour=noon - timedelta(days=5), outcome="2xx", count=9999)
    series = asked(key, "7d")["series"]
    assert [bucket["requests"] for bucket in series] == [100, 100, 100, 114, 0, 7, 5]
    assert series[-1]["throttled"] == 5


def test_a_teams_usage_names_each_key_the_busiest_first(api, as_ann, as_bob, new_key):
    quiet, busy = new_key(name="Quiet"), new_key(name="Busy")
    foreign = as_bob.call("POST", "/api-keys", {}).json()
    for key in (quiet, busy, busy, foreign):
        api.with_key(key["key"]).call("GET", "/users")
    usage.flush()
    found = as_ann.call("GET", "/usage?window=7d").json()
    assert (found["total"], found["bucket"]) == (3, "day")
    assert [(row["name"], row["total"], row["key_prefix"]) for row in found["by_key"]] == [
        ("Busy", 2, busy["key_prefix"]),
        ("Quiet", 1, quiet["key_prefix"]),
    ]
    assert found["by_key"][0]["by_status"]["2xx"] == 2


def test_a_teams_numbers_are_those_of_its_keys_together(api, ann, as_bob, new_key):
    keys = [new_key(scopes=["users:read"]), new_key(name="Other", scopes=["users:read"])]
    foreign = as_bob.call("POST", "/api-keys", {}).json()
    calls = [("GET", "/users"), ("POST", "/users"), ("GET", f"/users/{UNKNOWN}"), ("GET", "/api-keys/self")]
    for number, key in enumerate([*keys, *keys, foreign]):
        for call in calls[number % 3 :]:
            api.with_key(key["key"]).call(*call)
        assert usage.flush()
    own = {"key_id__in": [key["id"] for key in keys]}
    hours = UsageHour.objects.filter(**own).values_list("hour", "outcome")
    by_hour = hours.annotate(sum=Sum("count")).order_by("hour", "outcome")
    teams = TeamHour.objects.filter(team_id=ann.home_team_id).order_by("hour", "outcome")
    assert list(teams.values_list("hour", "outcome", "count")) == list(by_hour)
    assert sum(row.count for row in teams) == 4 + 3 + 2 + 4
    days = EndpointDay.objects.filter(**own).values_list("day", "method", "route")
    by_day = days.annotate(sum=Sum("count")).order_by("day", "method", "route")
    teams = TeamEndpointDay.objects.filter(team_id=ann.home_team_id).order_by("day", "method", "route")
    assert list(teams.values_list("day", "method", "route", "count")) == list(by_day)


def test_a_team_is_counted_in_the_transaction_of_its_keys(api, new_key, monkeypatch):
    api.with_key(new_key()["key"]).call("GET", "/users")
    with monkeypatch.context() as patch:
        patch.setattr("apikeys.usage.writing.TEAM_ENDPOINTS", "INSERT INTO no_such_table VALUES (%s, %s, %s, %s, %s)")
        assert usage.flush() is False
    assert not UsageHour.objects.exists()
    assert not TeamHour.objects.exists()
    assert usage.flush()
    assert UsageHour.objects.get().count == TeamHour.objects.get().count == 1


@pytest.mark.parametrize("query", ["window=1h", "window=", "widow=24h", f"team={UNKNOWN}"])
def test_a_usage_that_nobody_keeps_is_422(as_ann, query):
    assert as_ann.call("GET", f"/usage?{query}").status_code == 422


def test_usage_of_a_key_that_was_deleted_is_written_all_the_same(api, ann, new_key):
    key = new_key()
    api.with_key(key["key"]).call("GET", "/users")
    ApiKey.objects.all().delete()
    assert usage.flush()
    assert UsageHour.objects.get().key_id == uuid.UUID(key["id"])


def test_a_flush_is_one_transaction(api, new_key, monkeypatch):
    api.with_key(new_key()["key"]).call("GET", "/users")

    def broken(seen):
        raise Error("in the middle")

    with monkeypatch.context() as patch:
        patch.setattr("apikeys.usage.writing._record", broken)
        assert usage.flush() is False
    assert not UsageHour.objects.exists()
    assert not UsageBatch.objects.exists()
    assert usage.flush()
    assert UsageHour.objects.exists()
    assert not connection.needs_rollback


def test_the_thread_goes_on_after_an_error_that_nobody_foresaw(api, new_key, asked, monkeypatch, caplog):
    key = new_key()

    def broken(seen):
        raise OSError("the folder is gone")

    with monkeypatch.context() as patch:
        patch.setattr("apikeys.usage.numbers.add", broken)
        api.with_key(key["key"]).call("GET", "/users")
        assert asked(key)["total"] == 1
    assert "could not be written" in caplog.text


def test_a_log_row_that_no_database_takes_does_not_stand_before_the_counts_for_ever(api, new_key, asked, monkeypatch):
    key = new_key()
    api.with_key(key["key"]).call("GET", "/users")

    def refuse(seen):
        raise DataError("value too long")

    monkeypatch.setattr("apikeys.usage.writing._record", refuse)
    assert usage.flush() is False
    assert asked(key)["total"] == 1


def test_a_large_batch_is_written_in_parts(api, new_key, asked, monkeypatch):
    monkeypatch.setattr("apikeys.usage.writing.AT_ONCE", 2)
    key = new_key()
    for _ in range(5):
        api.with_key(key["key"]).call("GET", "/users")
    assert asked(key)["total"] == 5
    assert RequestRecord.objects.filter(key_id=key["id"]).count() == 5


def test_a_developer_who_left_home_leaves_no_more_requests_there(as_ann, ann):
    from accounts.models import Membership

    usage.flush()
    RequestRecord.objects.all().delete()
    Membership.objects.filter(developer=ann).delete()
    as_ann.call("GET", "/auth/me")
    usage.flush()
    seen = RequestRecord.objects.get()
    assert (seen.team_id, seen.developer_id) == (None, ann.pk)
