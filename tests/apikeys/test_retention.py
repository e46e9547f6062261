"""What is kept of usage and requests, and for how long."""

import secrets
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from uuid_utils.compat import uuid7

from accounts.models import JobRun
from apikeys.models import (
    BusiestKeys,
    EndpointDay,
    LastUse,
    RequestRecord,
    TeamEndpointDay,
    TeamHour,
    UsageBatch,
    UsageDay,
    UsageHour,
)
from apikeys.retention import JOB, prune_usage
from protocol import pruning

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SOMEBODY = uuid.UUID(int=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_memory(settings):
    settings.USAGE_HOURS_KEPT, settings.USAGE_DAYS_KEPT = 8, 31
    settings.REQUESTS_KEPT, settings.REQUESTS_KEPT_DAYS = 3, 7
    with time_machine.travel(NOON, tick=False):
        yield


def hour(days_ago, count=1, hour=12):
    at = (NOON - days_ago * DAY).replace(hour=hour)
    return UsageHour.objects.create(key_id=SOMEBODY, hour=at, outcome="2xx", count=count)


def asked(team, age, **fields):
    """A request of a team so long ago."""
    at = NOON - age
    ident = uuid.UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | secrets.randbits(62))  # RFC 9562 §5.7
    fields = {"method": "GET", "route": "/users", "status": 200, "ms": 1.0, **fields}
    return RequestRecord.objects.create(id=ident, request_id=str(ident), created_at=at, team_id=team, **fields)


def kept(rows):
    assert {row.pk for row in type(rows[0]).objects.all()} == {row.pk for row in rows}
    return True


def test_hours_are_kept_for_their_days_and_whole_days_of_them():
    old = [hour(9), hour(8.6, hour=23)]
    young = [hour(8, hour=0), hour(8), hour(1), hour(0)]
    assert prune_usage() == len(old)
    assert kept(young)


def test_no_hour_is_deleted_that_is_not_summed_up(monkeypatch):
    """Even if no roll-up ever ran, and the batches are so small that a day falls in two."""
    monkeypatch.setattr(pruning, "BATCH", 2)
    for number in range(5):
        hour(20, count=10 + number, hour=number)
    UsageDay.objects.create(key_id=SOMEBODY, day=NOON.date() - 20 * DAY, outcome="2xx", count=1)
    assert prune_usage() == 5
    assert not UsageHour.objects.exists()
    assert UsageDay.objects.get().count == 10 + 11 + 12 + 13 + 14


def test_days_and_endpoints_are_kept_for_their_days():
    for days_ago in (32, 31):
        day = NOON.date() - days_ago * DAY
        UsageDay.objects.create(key_id=SOMEBODY, day=day, outcome="2xx", count=1)
        EndpointDay.objects.create(key_id=SOMEBODY, day=day, method="GET", route="/users", count=1)
    assert prune_usage() == 2
    assert UsageDay.objects.get().day == EndpointDay.objects.get().day == NOON.date() - 31 * DAY


def test_a_teams_numbers_are_kept_as_long_as_a_page_shows_them():
    for days_ago in (32, 31):
        at = (NOON - days_ago * DAY).replace(hour=0)
        TeamHour.objects.create(team_id=SOMEBODY, hour=at, outcome="2xx", count=1)
        TeamEndpointDay.objects.create(team_id=SOMEBODY, day=at.date(), method="GET", route="/users", count=1)
        BusiestKeys.objects.create(team_id=SOMEBODY, window=f"{days_ago}d", key_ids=[], ranked_at=at)
    assert prune_usage() == 4
    assert TeamHour.objects.get().hour.date() == TeamEndpointDay.objects.get().day == NOON.date() - 31 * DAY
    assert not BusiestKeys.objects.exists()


def test_requests_are_kept_for_their_days(ann):
    second = timedelta(seconds=1)
    asked(ann.home_team_id, 7 * DAY + second)
    young = asked(ann.home_team_id, 7 * DAY - second)
    assert prune_usage() == 1
    assert kept([young])


def test_a_team_keeps_its_newest_requests_and_takes_nothing_from_another(ann, bob):
    anns = [asked(ann.home_team_id, timedelta(minutes=number)) for number in range(5)]
    bobs = [asked(bob.home_team_id, timedelta(hours=number)) for number in range(3)]
    nobodys = [asked(None, timedelta(seconds=number)) for number in range(4)]
    assert prune_usage() == 3
    assert kept([*anns[:3], *bobs, *nobodys[:3]])


def test_of_requests_of_one_moment_exactly_the_number_is_kept(ann):
    for _ in range(9):
        asked(ann.home_team_id, DAY)
    assert prune_usage() == 6
    assert RequestRecord.objects.count() == 3


def test_after_the_first_time_only_teams_that_asked_something_since_are_looked_at(ann, bob):
    """Five minutes after the last run: Ann has asked since, Bob's are from long before."""
    JobRun.objects.create(name=JOB, succeeded_at=NOON - timedelta(minutes=5))
    for number in range(4):
        asked(ann.home_team_id, timedelta(minutes=number))
        asked(bob.home_team_id, timedelta(minutes=60 + number))
    assert prune_usage() == 1
    assert RequestRecord.objects.filter(team_id=ann.home_team_id).count() == 3


def test_batches_are_kept_for_a_day():
    for hours in (23, 25):
        UsageBatch.objects.create(id=uuid7(), written_at=NOON - timedelta(hours=hours))
    assert prune_usage() == 1
    assert UsageBatch.objects.get().written_at > NOON - DAY


def test_the_last_use_of_a_key_stays_as_long_as_the_key(ann, new_key):
    there = uuid.UUID(new_key(environment="test")["id"])
    for key_id, days_ago in ((there, 100), (uuid.UUID(int=2), 100), (uuid.UUID(int=3), 30)):
        at = NOON - days_ago * DAY
        LastUse.objects.create(key_id=key_id, first_used_at=at, last_used_at=at)
    assert prune_usage() == 1
    assert {row.key_id for row in LastUse.objects.all()} == {there, uuid.UUID(int=3)}


def test_much_goes_in_batches_and_all_of_it_goes(monkeypatch, ann):
    monkeypatch.setattr(pruning, "BATCH", 2)
    for number in range(5):
        asked(ann.home_team_id, 8 * DAY + timedelta(minutes=number))
    assert prune_usage() == 5
    assert not RequestRecord.objects.exists()


def test_no_statement_deletes_more_than_a_batch(monkeypatch, ann):
    monkeypatch.setattr(pruning, "BATCH", 2)
    for number in range(5):
        asked(ann.home_team_id, DAY + timedelta(minutes=number))
    assert pruning.delete_some(RequestRecord.objects.all()) == 2
    assert RequestRecord.objects.count() == 3
