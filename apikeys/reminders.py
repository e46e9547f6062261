"""Mails before something is missed (`run_jobs`): keys that end soon, and once a month keys that nobody uses.

Each reminder is a row under a unique constraint, written in the transaction that writes its mail: it goes once, however
many servers run the job, and goes at all when one of them dies.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Team
from apikeys import notices
from apikeys.models import UNUSED_AFTER, ApiKey, Reminder
from protocol.locks import alone

JOB = "remind"
BEFORE_THE_END = (1, 7)  # days
AT_ONCE = 200  # keys, or teams, a transaction
MOST_NAMED = 20  # keys in the monthly mail
EVERYBODY = UUID(int=0)


def remind() -> int:
    """Send the reminders that are due; answers how many. Raises Busy."""
    now = timezone.now()
    return sum(_of_ends(now, days) for days in BEFORE_THE_END) + _of_unused(now)


def _of_ends(now: datetime, days: int) -> int:
    """Keys that end within so many days and no nearer reminder, made before that.

    None for one that was replaced: its end is its overlap's end.
    """
    nearer = max((other for other in BEFORE_THE_END if other < days), default=0)
    keys = ApiKey.objects.expiring(timedelta(days=days), now).filter(
        Q(created_at__lte=F("expires_at") - timedelta(days=days)),
        expires_at__gt=now + timedelta(days=nearer),
        successor=None,
    )
    what, sent = f"expires_{days}", 0
    due = list(keys.order_by("expires_at", "pk").values_list("pk", "expires_at"))
    for begin in range(0, len(due), AT_ONCE):
        part = due[begin : begin + AT_ONCE]
        with alone(JOB):
            done = Reminder.objects.filter(what=what, subject_id__in=[pk for pk, _end in part])
            told = set(done.values_list("subject_id", "about"))
            waiting = [pk for pk, end in part if (pk, end) not in told]
            for key in ApiKey.objects.select_related("team").usable(now).filter(pk__in=waiting).order_by("pk"):
                sent += _once(key.pk, what, key.expires_at, now)
                notices.key_expires(key, days=days)
    return sent


def _of_unused(now: datetime) -> int:
    """The owners of each team with keys that work and were not used for 90 days, once in a month."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if Reminder.objects.filter(subject_id=EVERYBODY, what="unused", about=month).exists():
        return 0
    sent = 0
    unused = ApiKey.objects.usable(now).unused_for(UNUSED_AFTER, now)
    teams = list(unused.order_by("team_id").values_list("team_id", flat=True).distinct())
    for begin in range(0, len(teams), AT_ONCE):
        with alone(JOB):
            part = teams[begin : begin + AT_ONCE]
            told = Reminder.objects.filter(what="unused", about=month, subject_id__in=part)
            for team in Team.objects.filter(pk__in=part).exclude(pk__in=told.values("subject_id")).order_by("pk"):
                rows = unused.filter(team=team)
                keys = list(rows.with_last_use().order_by("created_at", "pk")[:MOST_NAMED])
                sent += _once(team.pk, "unused", month, now)
                notices.keys_unused(team, keys, max(0, rows.count() - len(keys)))
    # Two servers may end the month at the same moment; that the other one marked it first is no failure.
    end = Reminder(subject_id=EVERYBODY, what="unused", about=month, sent_at=now)
    Reminder.objects.bulk_create([end], ignore_conflicts=True)
    return sent


def _once(subject_id, what: str, about: datetime, now: datetime) -> int:
    """Raises IntegrityError where it was sent already: then nothing of the transaction stays."""
    Reminder.objects.create(subject_id=subject_id, what=what, about=about, sent_at=now)
    return 1
