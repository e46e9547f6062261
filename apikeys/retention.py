"""How long usage, requests and alerts are kept: each table has its setting. The audit trail is kept for ever."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.jobs import last_successes
from accounts.models import Alert
from apikeys.models import (
    ApiKey,
    BusiestKeys,
    EndpointDay,
    KnownNetwork,
    LastUse,
    Reminder,
    RequestRecord,
    TeamEndpointDay,
    TeamHour,
    UsageBatch,
    UsageDay,
    UsageHour,
)
from apikeys.rollup import roll_up_day, start_of
from apikeys.usage.reading import LONGEST
from protocol.locks import alone
from protocol.pruning import id_at, prune

JOB = "prune_usage"
NETWORKS_KEPT = timedelta(days=180)  # unseen for longer, a network is news again
REMINDERS_KEPT = timedelta(days=60)  # no reminder is about a moment so long ago
BATCHES_KEPT = timedelta(days=1)  # no flush is tried again after that
OVERLAP = timedelta(minutes=10)  # clocks of two servers differ by less


def prune_usage() -> int:
    """Delete what its setting keeps no longer; answers how many rows. Raises Busy."""
    now = timezone.now()
    last_day = now.date() - timedelta(days=settings.USAGE_DAYS_KEPT)
    of_a_key = Exists(ApiKey.objects.filter(pk=OuterRef("key_id")))
    gone = LastUse.objects.filter(~of_a_key, last_used_at__lt=start_of(last_day))
    aged = RequestRecord.objects.filter(pk__lt=id_at(now - timedelta(days=settings.REQUESTS_KEPT_DAYS)))
    return (
        _prune_hours(start_of(now.date() - timedelta(days=settings.USAGE_HOURS_KEPT)))
        + prune(JOB, UsageDay.objects.filter(day__lt=last_day))
        + prune(JOB, EndpointDay.objects.filter(day__lt=last_day))
        + prune(JOB, TeamHour.objects.filter(hour__lt=start_of(now.date() - LONGEST)))
        + prune(JOB, TeamEndpointDay.objects.filter(day__lt=now.date() - LONGEST))
        + prune(JOB, BusiestKeys.objects.filter(ranked_at__lt=now - LONGEST))
        + prune(JOB, gone)
        + prune(JOB, UsageBatch.objects.filter(written_at__lt=now - BATCHES_KEPT))
        + prune(JOB, aged)
        + prune(JOB, Alert.objects.filter(day__lt=now.date() - timedelta(days=settings.ALERTS_KEPT_DAYS)))
        + prune(JOB, KnownNetwork.objects.filter(seen_on__lt=(now - NETWORKS_KEPT).date()))
        + prune(JOB, Reminder.objects.filter(sent_at__lt=now - REMINDERS_KEPT))
        + sum(prune(JOB, rows) for rows in _too_many(last_successes().get(JOB)))
    )


def _prune_hours(before: datetime) -> int:
    """A day at a time, and none that is not summed up: the day is what stays of it."""
    total = 0
    old = UsageHour.objects.filter(hour__lt=before)
    while (first := old.order_by("hour").values_list("hour", flat=True).first()) is not None:
        with alone(JOB):
            roll_up_day(first.date())
        total += prune(JOB, old.filter(hour__lt=start_of(first.date() + timedelta(days=1))))
    return total


def _too_many(since: datetime | None) -> list[QuerySet]:
    """The requests beyond the newest REQUESTS_KEPT of each team, and of no team.

    Only teams that asked something since the last time can have too many; who has is found by the index alone.
    """
    lately = RequestRecord.objects.all()
    if since is not None:
        lately = lately.filter(pk__gte=id_at(since - OVERLAP))
    found: list[QuerySet] = []
    for team_id in lately.order_by().values_list("team_id", flat=True).distinct():
        newest_first = RequestRecord.objects.filter(team_id=team_id).order_by("-created_at", "-id")
        first_too_many = newest_first.values_list("created_at", "pk")[settings.REQUESTS_KEPT :].first()
        if first_too_many:
            at, pk = first_too_many
            older = Q(created_at__lt=at) | Q(created_at=at, pk__lte=pk)
            found.append(RequestRecord.objects.filter(older, team_id=team_id))
    return found
