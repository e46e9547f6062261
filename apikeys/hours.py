"""What only whole hours tell: a key at ten times its usual work, and one that is refused often (`run_jobs`)."""

from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.models import Alert
from apikeys import notices
from apikeys.models import ApiKey, LastUse, UsageHour
from apikeys.models.queryset import REFUSALS
from protocol.locks import alone

JOB = "watch_hours"
HOUR = timedelta(hours=1)
LATE = timedelta(minutes=10)  # what a server counted until the end of an hour is written by then
REFUSED = 50  # more than so many refusals an hour
TIMES = 10  # more than so many times the usual hour
USUAL_OVER = timedelta(days=14)
LEAST_HOURS = 24  # in which a key was used: fewer are no habit yet
LEAST_CALLS = 100  # an hour: ten times next to nothing is nothing


def watch_hours() -> int:
    """Tell of every key whose hour is unusual; answers how many alerts are new. Raises Busy."""
    now = timezone.now()
    this = now.replace(minute=0, second=0, microsecond=0)
    hours = [this - HOUR, this] if now - this < LATE else [this]
    with alone(JOB):
        return sum(_look_at(hour) for hour in hours)


def _look_at(hour: datetime) -> int:
    counted = UsageHour.objects.filter(hour=hour).values("key_id").order_by("key_id")
    counted = counted.annotate(total=Sum("count"), refused=Sum("count", filter=Q(outcome__in=REFUSALS), default=0))
    found = list(counted.filter(Q(refused__gt=REFUSED) | Q(total__gt=LEAST_CALLS)))
    told = set(
        Alert.objects.filter(day=hour.date(), kind__in=(Alert.Kind.BUSY_HOUR, Alert.Kind.REFUSED_OFTEN)).values_list(
            "subject_id", "kind"
        )
    )
    usual = _usual([row["key_id"] for row in found if row["total"] > LEAST_CALLS], hour)
    unusual = []
    for row in found:
        key_id, total, refused = row["key_id"], row["total"], row["refused"]
        if refused > REFUSED and (key_id, Alert.Kind.REFUSED_OFTEN) not in told:
            unusual.append((key_id, Alert.Kind.REFUSED_OFTEN, f"{refused}"))
        often = usual.get(key_id)
        if often and total > TIMES * often and (key_id, Alert.Kind.BUSY_HOUR) not in told:
            unusual.append((key_id, Alert.Kind.BUSY_HOUR, f"{total}, usually {often:.0f}"))
    wanted = [key_id for key_id, _kind, _detail in unusual]
    keys = ApiKey.objects.select_related("team").filter(revoked_at=None).in_bulk(wanted)
    uses = LastUse.objects.in_bulk(wanted)
    return sum(
        notices.unusual(keys[key_id], kind, detail=detail, created_at=_within(hour), **_caller(uses.get(key_id)))
        for key_id, kind, detail in unusual
        if key_id in keys
    )


def _usual(key_ids: list, hour: datetime) -> dict:
    """Key id → calls in the mean hour in which it was used before, of keys that have a habit."""
    before = UsageHour.objects.filter(key_id__in=key_ids, hour__gte=hour - USUAL_OVER, hour__lt=hour)
    counted = (
        before.values("key_id").order_by("key_id").annotate(total=Sum("count"), hours=Count("hour", distinct=True))
    )
    return {row["key_id"]: row["total"] / row["hours"] for row in counted.filter(hours__gte=LEAST_HOURS)}


def _within(hour: datetime) -> datetime:
    """Now, or the last moment of an hour that is over: the alert belongs to its hour's day."""
    return min(timezone.now(), hour + HOUR - timedelta(seconds=1))


def _caller(use: LastUse | None) -> dict:
    return {"ip": use.ip, "user_agent": use.user_agent} if use else {}
