"""What was counted, by window: hours as they are written, days as they were rolled up; of a team, hours of its own.

A day that `run_jobs` has rolled up for good is read from the days; the last days it looked at, and all since, from the
hours. So the numbers are right, whether the job ran a minute ago or never.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from apikeys.models import (
    ApiKey,
    BusiestKeys,
    EndpointDay,
    Outcome,
    TeamEndpointDay,
    TeamHour,
    UsageDay,
    UsageHour,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATE = timedelta(days=3)  # a day may still grow: a server writes what it counted while the database was away


@dataclass(frozen=True)
class Window:
    """So many buckets of one length, the last of which is going on."""

    bucket: str
    length: timedelta
    number: int

    def starts(self, at: datetime) -> list[datetime]:
        """When each bucket begins, the oldest first."""
        last = at.replace(minute=0, second=0, microsecond=0)
        last = last if self.bucket == "hour" else last.replace(hour=0)
        return [last - self.length * back for back in reversed(range(self.number))]


WINDOWS = {"24h": Window("hour", HOUR, 24), "7d": Window("day", DAY, 7), "30d": Window("day", DAY, 30)}
RANKING_HOLDS = timedelta(hours=1)  # then `run_jobs` does not run, and pages look themselves
LONGEST = timedelta(days=31)  # no window begins earlier


def usage_of(keys: QuerySet, window: str, at: datetime | None = None) -> dict:
    """The usage of some keys together (contract §4), added up in the database.

    Args:
        keys: ApiKeys; only their ids are asked for.
        window: of WINDOWS.
        at: the end of the window; default now.
    """
    return _usage(_rows(keys.values("pk"), WINDOWS[window], at), window, at)


def usage_of_team(team_id, window: str, at: datetime | None = None) -> dict:
    """The usage of all keys of a team together, in the same shape and of the same numbers, from fewer rows."""
    shape = WINDOWS[window]
    starts = shape.starts(at or timezone.now())
    within = TeamHour.objects.filter(team_id=team_id, hour__gte=starts[0], hour__lt=starts[-1] + shape.length)
    return _usage([(within, "hour")], window, at)


def _usage(parts: Iterable[tuple[QuerySet, str]], window: str, at: datetime | None) -> dict:
    shape = WINDOWS[window]
    series = {start: Counter[str]() for start in shape.starts(at or timezone.now())}
    for rows, moment in parts:
        for start, outcome, count in _summed(rows, moment, "outcome"):
            series[_bucket(start, shape)][outcome] += count
    total = sum(series.values(), Counter())
    return {
        "window": window,
        "bucket": shape.bucket,
        "total": total.total(),
        "by_status": by_status(total),
        "series": [{"start": start, **_in_short(counts)} for start, counts in series.items()],
    }


def by_key_of(keys: QuerySet, window: str, at: datetime | None = None) -> dict[object, Counter]:
    """What each of some keys had of it: a Counter of outcomes per id, of those that were called at all."""
    return _by_key(keys.values("pk"), window, at)


def _by_key(key_ids: QuerySet | list, window: str, at: datetime | None = None) -> dict[object, Counter]:
    found: dict[object, Counter[str]] = {}
    for rows, _moment in _rows(key_ids, WINDOWS[window], at):
        for key_id, outcome, count in _summed(rows, "key_id", "outcome"):
            found.setdefault(key_id, Counter())[outcome] += count
    return found


def ranked(keys: QuerySet, window: str, most: int) -> list:
    """The ids of the keys that were called most, the most first; reads a row for each key and day."""
    calls = Counter[object]()
    for rows, _moment in _rows(keys.values("pk"), WINDOWS[window], None):
        calls.update(dict(_summed(rows, "key_id")))
    return [key_id for key_id, _ in calls.most_common(most)]


def busiest_of_team(team_id, window: str, most: int = 10) -> list[tuple]:
    """The keys of a team that were called most, the most first: (id, Counter of outcomes).

    Counted now, of any team; of one with very many keys among those that `apikeys.ranking` has ranked lately.
    """
    known = BusiestKeys.objects.filter(team_id=team_id, window=window, ranked_at__gt=timezone.now() - RANKING_HOLDS)
    first = known.values_list("key_ids", flat=True).first() or ranked(
        ApiKey.objects.filter(team_id=team_id), window, most
    )
    found = _by_key(first, window)
    return sorted(found.items(), key=lambda item: (-item[1].total(), str(item[0])))[:most]


def by_status(counts: Counter) -> dict[str, int]:
    """A number for every outcome, none left out."""
    return {str(outcome): counts[str(outcome)] for outcome in Outcome}


def _in_short(counts: Counter) -> dict[str, int]:
    throttled = counts[Outcome.LIMITED]
    return {
        "requests": counts.total(),
        "errors": counts.total() - counts[Outcome.SUCCESS] - throttled,
        "throttled": throttled,
    }


def _bucket(start, shape: Window) -> datetime:
    """The bucket of an hour or a day."""
    if not isinstance(start, datetime):
        return datetime.combine(start, time.min, UTC)
    return start if shape.bucket == "hour" else start.replace(hour=0)


def _summed(rows: QuerySet, *by: str):
    """(what they are grouped by…, how many)."""
    return rows.values(*by).annotate(number=Sum("count")).order_by().values_list(*by, "number")


def _rows(key_ids: QuerySet | list, shape: Window, at: datetime | None) -> Iterator[tuple[QuerySet, str]]:
    """(rows, the name of their moment): days that are rolled up for good, and the hours since."""
    starts = shape.starts(at or timezone.now())
    since, end = starts[0], starts[-1] + shape.length
    if shape.bucket == "day":
        rolled = UsageDay.objects.aggregate(last=Max("day"))["last"]
        settled = datetime.combine(rolled - LATE, time.min, UTC) if rolled else since
        if settled > since:
            yield UsageDay.objects.filter(key_id__in=key_ids, day__gte=since.date(), day__lt=settled.date()), "day"
            since = settled
    yield UsageHour.objects.filter(key_id__in=key_ids, hour__gte=since, hour__lt=end), "hour"


def endpoints_of(keys: QuerySet, window: str, at: datetime | None = None) -> list:
    """The endpoints that some keys called most, by whole days."""
    return _most_called(EndpointDay.objects.filter(key_id__in=keys.values("pk")), window, at)


def endpoints_of_team(team_id, window: str, at: datetime | None = None) -> list:
    """The endpoints that a team called most, by whole days."""
    return _most_called(TeamEndpointDay.objects.filter(team_id=team_id), window, at)


def _most_called(rows: QuerySet, window: str, at: datetime | None, most: int = 10) -> list:
    rows = rows.filter(day__gte=WINDOWS[window].starts(at or timezone.now())[0].date())
    return list(rows.values("method", "route").annotate(total=Sum("count")).order_by("-total", "route")[:most])
