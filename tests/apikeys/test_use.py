"""Keys by how they are used: never, long ago, refused."""

from datetime import UTC, datetime, timedelta

import pytest

from apikeys.models import ApiKey, LastUse, Outcome, UsageHour

NOW = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)
QUARTER = timedelta(days=90)


@pytest.fixture
def key(ann):
    """A key that was made a year ago."""
    key, _ = ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])
    ApiKey.objects.update(created_at=NOW - timedelta(days=365))
    return key


@pytest.fixture
def used(key):
    """used(at): the key was last used then."""

    def used(at):
        LastUse.objects.create(key_id=key.pk, first_used_at=at, last_used_at=at)

    return used


@pytest.fixture
def counted(key):
    """counted(outcome, count, hour): so many answers in that hour of the day of NOW."""

    def counted(outcome, count, hour=10):
        UsageHour.objects.create(key_id=key.pk, hour=NOW.replace(hour=hour, minute=0), outcome=outcome, count=count)

    return counted


def test_a_key_is_never_used_until_it_is(key, used):
    assert list(ApiKey.objects.never_used()) == [key]
    used(NOW)
    assert not ApiKey.objects.never_used().exists()


@pytest.mark.parametrize(
    ("last_use", "unused"),
    [(None, True), (timedelta(days=91), True), (QUARTER, True), (timedelta(days=89), False), (timedelta(0), False)],
)
def test_an_old_key_is_unused_when_its_last_use_is_as_old_as_the_span(key, used, last_use, unused):
    if last_use is not None:
        used(NOW - last_use)
    assert ApiKey.objects.unused_for(QUARTER, at=NOW).exists() is unused


def test_a_key_younger_than_the_span_is_not_called_unused(key):
    ApiKey.objects.update(created_at=NOW - timedelta(days=89))
    assert not ApiKey.objects.unused_for(QUARTER, at=NOW).exists()
    assert ApiKey.objects.unused_for(timedelta(days=30), at=NOW).exists()


def test_another_key_s_use_and_refusals_do_not_count(key):
    LastUse.objects.create(key_id=key.team_id, first_used_at=NOW, last_used_at=NOW)
    UsageHour.objects.create(key_id=key.team_id, hour=NOW, outcome=Outcome.FORBIDDEN, count=1000)
    assert list(ApiKey.objects.unused_for(QUARTER, at=NOW)) == list(ApiKey.objects.never_used()) == [key]
    assert not ApiKey.objects.refused_often(at=NOW).exists()


@pytest.mark.parametrize("outcome", [Outcome.UNAUTHORIZED, Outcome.FORBIDDEN, Outcome.LIMITED])
def test_a_key_is_refused_often_from_the_fiftieth_refusal_on(counted, key, outcome):
    counted(outcome, 49)
    assert not ApiKey.objects.refused_often(at=NOW).exists()
    UsageHour.objects.update(count=50)
    assert list(ApiKey.objects.refused_often(at=NOW)) == [key]


@pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.NOT_FOUND, Outcome.INVALID, Outcome.FAILED])
def test_what_is_no_refusal_of_the_caller_is_not_counted_as_one(counted, outcome):
    counted(outcome, 1000)
    assert not ApiKey.objects.refused_often(at=NOW).exists()


def test_refusals_of_several_kinds_and_of_a_burst_over_the_full_hour_add_up(counted, key):
    counted(Outcome.FORBIDDEN, 20, hour=9)
    counted(Outcome.FORBIDDEN, 20)
    counted(Outcome.LIMITED, 10)
    assert list(ApiKey.objects.refused_often(at=NOW)) == [key]


def test_refusals_before_the_span_are_over(counted, key):
    counted(Outcome.FORBIDDEN, 1000, hour=8)
    assert not ApiKey.objects.refused_often(at=NOW).exists()
    assert ApiKey.objects.refused_often(within=timedelta(hours=3), at=NOW).exists()


def test_the_questions_combine_with_the_others(key, used):
    assert ApiKey.objects.usable(NOW).unused_for(QUARTER, at=NOW).never_used().exists()
    key.revoke(by=None)
    assert not ApiKey.objects.usable(NOW).unused_for(QUARTER, at=NOW).exists()
