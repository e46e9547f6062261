"""Alerts: told once per subject, kind and day, by a mail to whom it concerns; and muted.

The database decides who tells: of servers that see the same thing at the same moment, the one whose INSERT wins sends
the mail, in the same transaction. What the alerts of keys are is said above, in `apikeys`.
"""

from collections.abc import Callable
from contextlib import suppress

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Alert, AlertMute, Developer, Membership, Team, audit
from accounts.models.alert import DETAIL_LENGTH
from protocol.current import caller_of, current_request
from protocol.masking import mask
from protocol.sql import as_stored

COLUMNS = "id created_at day team_id kind subject_id key_id developer_id detail ip user_agent".split()
MOST_COUNTED = 100
INSERT = f"""
    INSERT INTO accounts_alert ({", ".join(COLUMNS)}) VALUES ({", ".join(["%s"] * len(COLUMNS))})
    ON CONFLICT (subject_id, kind, day) DO NOTHING
"""  # noqa: S608 - names of columns


def tell(alert: Alert, send: Callable[[], None]) -> bool:
    """Write an alert; where it is the first of its subject, kind and day, and nobody muted it, `send()` its mail.

    Returns:
        Whether it is news. A muted one is written, and is news, without mail.
    """
    alert.detail = mask(alert.detail)[:DETAIL_LENGTH]
    values = [getattr(alert, column) for column in COLUMNS]
    with transaction.atomic():
        with connection.cursor() as cursor:
            values[2] = connection.ops.adapt_datefield_value(alert.day)
            cursor.execute(INSERT, as_stored(tuple(map(_plain, values))))
            if cursor.rowcount != 1:
                return False
        if not is_muted(alert):
            send()
    return True


def _plain(value):
    return str(value) if isinstance(value, Alert.Kind) else value


def is_muted(alert: Alert) -> bool:
    """Whether nobody wants mail of this: for its own subject, or in the whole team."""
    return AlertMute.objects.filter(kind=alert.kind, subject_id__in=(alert.subject_id, alert.team_id)).exists()


def from_here(**fields) -> Alert:
    """An alert about the request at hand, with its address and agent."""
    ip, agent = caller_of(current_request.get())
    return Alert.of_today(ip=ip, user_agent=agent, **fields)


def count_new(team: Team) -> int:
    """How many alerts of a team of `Team.objects.for_browser` are new to that developer; at most MOST_COUNTED.

    Asked of the database once for each such team that was read.
    """
    if team.new_alerts is None:
        team.new_alerts = Alert.objects.filter(team=team).new_since(team.alerts_seen).order_by()[:MOST_COUNTED].count()
    return team.new_alerts


def note_seen(team: Team, *, by: Developer) -> None:
    """The developer looks at the team's alerts now; written only where some are new."""
    if not count_new(team):
        return
    team.new_alerts = 0
    with suppress(DatabaseError):  # one that takes no writes can still be read
        Membership.objects.filter(team=team, developer=by).update(alerts_seen_at=timezone.now())


@transaction.atomic
def mute(*, team_id, kind: str, by, subject_id=None) -> AlertMute:
    """Send no more mail about a kind of one key or session, or of the whole team; again changes nothing."""
    subject_id = subject_id or team_id
    wanted = AlertMute(
        team_id=team_id, subject_id=subject_id, kind=kind, created_by_id=by.pk, created_at=timezone.now()
    )
    AlertMute.objects.bulk_create([wanted], ignore_conflicts=True)
    row = AlertMute.objects.get(subject_id=subject_id, kind=kind)
    if row.pk == wanted.pk:
        audit.record(by, audit.Action.ALERT_MUTED, row, team=team_id, kind=str(kind), subject=str(subject_id))
    return row


@transaction.atomic
def unmute(*, team_id, kind: str, by, subject_id=None) -> bool:
    """Send mail about it again; again changes nothing."""
    subject_id = subject_id or team_id
    row = AlertMute.objects.filter(team_id=team_id, subject_id=subject_id, kind=kind).first()
    if row is None or not AlertMute.objects.filter(pk=row.pk).delete()[0]:
        return False
    audit.record(by, audit.Action.ALERT_UNMUTED, row, team=team_id, kind=str(kind), subject=str(subject_id))
    return True
