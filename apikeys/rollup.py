"""Usage by the hour summed up by the day, and safe to repeat: a day's row becomes the sum of its hours.

A count only ever grows, so a sum that is smaller than what stands there comes from hours that were pruned since and
changes nothing. Teams' hours need no job, for they are written with the keys'; only what a deploy left out is added.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from apikeys.models import UsageDay, UsageHour
from apikeys.usage.reading import LATE
from protocol.locks import alone

JOB = "roll_up"

# A server of the release before, still serving while a deploy goes on, counts for keys alone: its part is added here.
# In the order in which every batch takes these rows, or two would wait for each other.
_TEAM_HOURS = """
INSERT INTO apikeys_teamhour (team_id, hour, outcome, count)
SELECT team_id, hour, outcome, SUM(count) FROM apikeys_usagehour JOIN apikeys_apikey ON id = key_id
WHERE hour >= %s AND hour < %s GROUP BY team_id, hour, outcome ORDER BY team_id, hour, outcome
ON CONFLICT (team_id, hour, outcome) DO UPDATE SET count = EXCLUDED.count WHERE apikeys_teamhour.count < EXCLUDED.count
"""
_TEAM_ENDPOINTS = """
INSERT INTO apikeys_teamendpointday (team_id, day, method, route, count)
SELECT team_id, day, method, route, SUM(count) FROM apikeys_endpointday JOIN apikeys_apikey ON id = key_id
WHERE day = %s GROUP BY team_id, day, method, route ORDER BY team_id, day, method, route
ON CONFLICT (team_id, day, method, route) DO UPDATE
    SET count = EXCLUDED.count WHERE apikeys_teamendpointday.count < EXCLUDED.count
"""

_SUM = """
INSERT INTO apikeys_usageday (key_id, day, outcome, count)
SELECT key_id, %s, outcome, SUM(count) FROM apikeys_usagehour WHERE hour >= %s AND hour < %s GROUP BY key_id, outcome
ON CONFLICT (key_id, day, outcome) DO UPDATE SET count = EXCLUDED.count WHERE apikeys_usageday.count < EXCLUDED.count
"""


def start_of(day: date) -> datetime:
    """The first moment of a day (UTC)."""
    return datetime.combine(day, time(), UTC)


def roll_up() -> int:
    """Sum up today and every day that the last time may have left unfinished; answers how many rows changed.

    Raises:
        Busy: another server is at it.
    """
    changed = 0
    for day in _unfinished(timezone.now()):
        with alone(JOB):
            changed += roll_up_day(day) + _catch_up_teams(day)
    return changed


def roll_up_day(day: date) -> int:
    """Sum up one day; answers how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(_SUM, [_stored(day), *_ends(day)])
        return cursor.rowcount


def _catch_up_teams(day: date) -> int:
    """Let no team's numbers of one day be less than those of its keys; answers how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(_TEAM_HOURS, _ends(day))
        hours = cursor.rowcount
        cursor.execute(_TEAM_ENDPOINTS, [_stored(day)])
        return hours + cursor.rowcount


def _stored(day: date):
    return connection.ops.adapt_datefield_value(day)


def _ends(day: date) -> list:
    """The first moments of a day and of the next, as they are stored."""
    return [connection.ops.adapt_datetimefield_value(start_of(day + timedelta(days=more))) for more in (0, 1)]


def _unfinished(now: datetime) -> Iterator[date]:
    """From the last day that was summed up, or the first hour there is, until today."""
    last = UsageDay.objects.order_by("-day").values_list("day", flat=True).first()
    first = UsageHour.objects.order_by("hour").values_list("hour", flat=True).first()
    if last is not None:
        since = min(last, (now - LATE).date() - timedelta(days=1))
    elif first is not None:
        since = first.date()
    else:
        return
    for number in range((now.date() - since).days + 1):
        yield since + timedelta(days=number)
