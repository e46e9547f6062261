"""A day of usage is the sum of its hours, however often and however late it is summed up."""

import uuid
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.db import connection

from apikeys.models import ApiKey, EndpointDay, TeamEndpointDay, TeamHour, UsageDay, UsageHour
from apikeys.rollup import roll_up

ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def used(count, at, key=ONE, outcome="2xx"):
    """Add to what a key did in an hour, as the flush does."""
    row, _ = UsageHour.objects.get_or_create(key_id=key, hour=at, outcome=outcome)
    UsageHour.objects.filter(pk=row.pk).update(count=row.count + count)


def days():
    return {(row.day, row.outcome): row.count for row in UsageDay.objects.filter(key_id=ONE)}


def test_a_day_is_the_sum_of_its_hours_by_key_and_outcome():
    used(2, NOON.replace(hour=0))
    used(3, NOON.replace(hour=11))
    used(1, NOON.replace(hour=11), outcome="429")
    used(7, NOON.replace(hour=11), key=OTHER)
    roll_up()
    assert days() == {(NOON.date(), "2xx"): 5, (NOON.date(), "429"): 1}
    assert UsageDay.objects.get(key_id=OTHER).count == 7


def test_days_begin_at_midnight_utc():
    used(1, datetime(2026, 3, 8, 23, tzinfo=UTC))
    used(2, datetime(2026, 3, 9, 0, tzinfo=UTC))
    roll_up()
    assert days() == {(date(2026, 3, 8), "2xx"): 1, (date(2026, 3, 9), "2xx"): 2}


def test_again_changes_nothing_and_what_came_meanwhile_is_added_once():
    used(2, NOON)
    assert roll_up() == 1
    assert roll_up() == 0
    used(3, NOON)
    assert roll_up() == 1
    assert days() == {(NOON.date(), "2xx"): 5}


def test_the_first_time_goes_back_to_the_first_hour():
    used(4, NOON - timedelta(days=20))
    used(1, NOON)
    roll_up()
    assert days() == {(date(2026, 2, 18), "2xx"): 4, (NOON.date(), "2xx"): 1}


def test_days_without_a_run_are_made_up_for_the_half_finished_one_included(now):
    used(1, NOON)
    roll_up()
    used(2, NOON + timedelta(hours=5))
    used(4, NOON + timedelta(days=3))
    now.shift(timedelta(days=6))
    roll_up()
    assert days() == {(date(2026, 3, 10), "2xx"): 3, (date(2026, 3, 13), "2xx"): 4}


def test_what_is_flushed_within_an_hour_after_midnight_still_counts_for_the_day_before(now):
    midnight = datetime(2026, 3, 11, tzinfo=UTC)
    used(1, NOON)
    now.move_to(midnight + timedelta(minutes=10))
    used(1, midnight)
    roll_up()
    used(5, NOON.replace(hour=23))
    now.move_to(midnight + timedelta(minutes=59))
    roll_up()
    assert days() == {(date(2026, 3, 10), "2xx"): 6, (date(2026, 3, 11), "2xx"): 1}


def test_hours_that_were_pruned_take_nothing_from_their_day():
    used(2, NOON.replace(hour=1))
    used(3, NOON)
    roll_up()
    UsageHour.objects.filter(hour=NOON).delete()
    roll_up()
    assert days() == {(NOON.date(), "2xx"): 5}


def test_nothing_to_sum_up_is_no_error():
    assert roll_up() == 0


@pytest.fixture
def row(new_key):
    """A key of Ann's."""
    return ApiKey.objects.get(pk=new_key(environment="test")["id"])


def team_counts(team_id):
    return {(row.hour, row.outcome): row.count for row in TeamHour.objects.filter(team_id=team_id)}


def test_what_a_server_of_the_release_before_counted_for_keys_alone_is_added_to_their_team(row):
    used(2, NOON, key=row.pk)
    used(3, NOON - timedelta(days=2), key=row.pk)
    used(9, NOON, key=OTHER)  # a key that is gone
    EndpointDay.objects.create(key_id=row.pk, day=NOON.date(), method="GET", route="/users", count=5)
    TeamHour.objects.create(team_id=row.team_id, hour=NOON, outcome="2xx", count=1)
    assert roll_up() == 6  # three days of keys, two hours and an endpoint of a team
    assert team_counts(row.team_id) == {(NOON, "2xx"): 2, (NOON - timedelta(days=2), "2xx"): 3}
    assert TeamEndpointDay.objects.get().count == 5
    assert TeamHour.objects.count() == 2
    assert roll_up() == 0


def test_a_team_loses_nothing_with_hours_and_keys_that_are_gone(row):
    used(2, NOON, key=row.pk)
    TeamHour.objects.create(team_id=row.team_id, hour=NOON, outcome="2xx", count=7)
    roll_up()
    assert team_counts(row.team_id) == {(NOON, "2xx"): 7}


def test_the_migration_takes_a_day_whose_hours_were_pruned_whole(row):
    migration = import_module("apikeys.migrations.0006_usage_of_teams")
    long_ago = NOON.date() - timedelta(days=20)
    UsageDay.objects.create(key_id=row.pk, day=long_ago, outcome="429", count=11)
    UsageDay.objects.create(key_id=row.pk, day=NOON.date() - timedelta(days=40), outcome="429", count=99)
    UsageDay.objects.create(key_id=row.pk, day=NOON.date(), outcome="2xx", count=4)
    used(4, NOON.replace(hour=3), key=row.pk)
    used(1, NOON, key=row.pk)
    EndpointDay.objects.create(key_id=row.pk, day=long_ago, method="GET", route="/users", count=11)
    migration.add_up(apps, SimpleNamespace(connection=connection))
    midnight = datetime.combine(long_ago, datetime.min.time(), UTC)
    assert team_counts(row.team_id) == {(midnight, "429"): 11, (NOON.replace(hour=3), "2xx"): 4, (NOON, "2xx"): 1}
    assert TeamEndpointDay.objects.get().day == long_ago
