"""What the end of a key would break: how much it is used, and by whom. Counted and logged a few seconds late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum
from django.utils import timezone

from apikeys.models import ApiKey, LastUse, RequestRecord, UsageHour

IN_USE = timedelta(hours=1)  # a key that was used so lately is at work
LOOKED_AT = 1000  # the latest requests of a key: enough to name its callers, and never slow
MOST_CALLERS = 10


@dataclass(frozen=True)
class Caller:
    """Who uses a key: an address, a program, and when it was last heard of."""

    ip: str | None
    user_agent: str
    last: datetime


@dataclass(frozen=True)
class Impact:
    """How much a key is used: its last use, and the answers it got in 24 hours and 7 days (by whole hours)."""

    use: LastUse | None
    day: int
    week: int
    in_use: bool


def impact_of(keys: Iterable[ApiKey], at: datetime | None = None) -> dict:
    """Key id → Impact, for some keys in two queries.

    `in_use`: it opens something, and was used within the hour.
    """
    at = at or timezone.now()
    ids = [key.pk for key in keys]
    uses = LastUse.objects.in_bulk(ids)
    counts = (
        UsageHour.objects.filter(key_id__in=ids, hour__gt=at - timedelta(days=7))
        .values("key_id")
        .annotate(week=Sum("count"), day=Sum("count", filter=Q(hour__gt=at - timedelta(days=1)), default=0))
    )
    counted: dict[object, dict] = {row["key_id"]: {**row} for row in counts}
    return {key.pk: _impact(key, uses.get(key.pk), counted.get(key.pk, {}), at) for key in keys}


def _impact(key: ApiKey, use: LastUse | None, counted: dict, at: datetime) -> Impact:
    lately = use is not None and use.last_used_at > at - IN_USE
    return Impact(use, counted.get("day", 0), counted.get("week", 0), lately and key.status == "active")


def callers_of(key: ApiKey, since: datetime | None = None) -> list[Caller]:
    """Who used a key, the latest first: of its last requests that are still kept, from `since` on."""
    records = RequestRecord.objects.filter(key_id=key.pk).order_by("-created_at", "-pk")
    if since:
        records = records.filter(created_at__gte=since)
    found: dict[tuple, Caller] = {}
    for ip, agent, last in records.values_list("ip", "user_agent", "created_at")[:LOOKED_AT]:
        found.setdefault((ip, agent), Caller(ip, agent, last))
    return list(found.values())[:MOST_CALLERS]


@dataclass(frozen=True)
class Overlap:
    """Two keys that both work, and who still uses the old one."""

    old: ApiKey
    new: ApiKey
    callers: list[Caller]


def overlap_of(key: ApiKey) -> Overlap | None:
    """The overlap that a key is in, as the old one or the new; None when only one of the two works."""
    if key.replaced_by() and key.status == "active":
        old, new = key, key.successor
    elif key.rotated_from and key.rotated_from.status == "active":
        old, new = key.rotated_from, key
    else:
        return None
    return Overlap(old, new, callers_of(old, since=new.created_at))
