"""Closing an account: it stops at once, can be undone for seven days, and is then made nobody's.

What ends at once: every session and portal sign-in, and the door. A team that nobody else is in stands still with its
keys. The way back is a signed link in the mail, or an operator who enables the account; both only open the door
again, the password stays what it was. After UNDO the job empties the row: its id stays, so that the trail and the keys
that the person made in other teams still say the same, and everything that names them goes. An account whose address
nobody ever proved (`accounts.unproved`) goes the same way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import ForeignObjectRel, Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import links, notices
from accounts.links import Purpose
from accounts.models import AuditEvent, Developer, Invitation, Membership, Team, WaitingMail, audit
from accounts.models.team import SuspendedReason
from accounts.unproved import never_proved
from protocol.locks import alone
from protocol.problems import Conflict, InvalidToken

UNDO = timedelta(days=7)
AT_ONCE = 1_000  # rows that one statement deletes or empties
LOOK = 100  # accounts that are read at once
JOB = "erase_accounts"


@dataclass(frozen=True)
class Consequences:
    """What closing an account does to its teams: which it would leave without an owner, end, or leave to others."""

    blocked: list[Team]
    ending: list[Team]
    leaving: list[Team]


def consequences(developer: Developer) -> Consequences:
    """What would come of each team of the developer's."""
    teams = list(Team.objects.of(developer).order_by("created_at", "pk"))
    blocked = list(Team.objects.left_without_owner_by(developer).order_by("created_at", "pk"))
    shared = set(Membership.objects.filter(team__in=teams).exclude(developer=developer).values_list("team", flat=True))
    return Consequences(
        blocked,
        [team for team in teams if team.pk not in shared],
        [team for team in teams if team.pk in shared and team not in blocked],
    )


def close(developer: Developer, *, by) -> datetime:
    """Stop an account at once; answers when it is emptied.

    Raises:
        Conflict `last_owner`: a team with other members would be left without an owner who can sign in.
        InvalidToken: somebody closed or disabled it meanwhile.
    """
    with transaction.atomic():
        developer.lock_teams()
        found = consequences(developer)
        if found.blocked:
            names = ", ".join(team.name for team in found.blocked)
            raise Conflict(
                f"You are the last owner of {names}, and others are in it: make somebody else an owner first.",
                code="last_owner",
                teams=[str(team.pk) for team in found.blocked],
            )
        if not developer.disable(by=by):
            raise InvalidToken("This account was closed already.")
        ends = timezone.now() + UNDO
        Developer.objects.filter(pk=developer.pk).update(closing_at=ends)
        developer.closing_at = ends
        audit.record(by, audit.Action.DEVELOPER_CLOSED, developer, team=developer.home_team_id)
        notices.account_closing(developer, f"{settings.SITE_URL}{reverse('account-keep', args=[link_for(developer)])}")
        for team in found.leaving:
            notices.member_closing(developer, team)
    return ends


def link_for(developer: Developer) -> str:
    """What the mail's link carries: which account and which closing, signed. Nothing is stored."""
    return links.make(Purpose.KEEP, developer, _mark(developer) or "")


def _mark(developer: Developer) -> str | None:
    """Which closing of an account: the microsecond of its end; None for an open one."""
    return f"{developer.closing_at:%Y%m%d%H%M%S%f}" if developer.closing_at else None


def closed_by(link: str) -> Developer | None:
    """The closed account that a link would open again; None when it is none of ours, used or too late."""
    return links.read(Purpose.KEEP, link, _mark)


def reopen(developer: Developer, *, by) -> bool:
    """Take a closing back; again, and after the end, changes nothing."""
    with transaction.atomic():
        if not developer.enable(by=by, closed=True):
            return False
        audit.record(by, audit.Action.DEVELOPER_REOPENED, developer, team=developer.home_team_id)
    return True


def erase_accounts() -> int:
    """Empty every account whose time is over, closed or never proved; answers how many. Raises Busy."""
    erased = 0
    for condition in (_closed_and_over, never_proved):
        while due := list(Developer.objects.filter(condition(timezone.now())).order_by("pk")[:LOOK]):
            for developer in due:
                with alone(JOB):
                    erased += erase(developer, by=None)
    return erased


def _closed_and_over(at: datetime) -> Q:
    return Q(closing_at__lte=at)


@transaction.atomic
def erase(developer: Developer, *, by) -> bool:
    """Empty the row of an account whose time is over, and delete what belongs to nobody else."""
    developer.lock_teams()
    # Whoever proves the address holds this lock; the UPDATE behind it sees whether they did.
    developer = Developer.objects.select_for_update(no_key=True).get(pk=developer.pk)
    now, address, closed = timezone.now(), developer.email, developer.closing_at is not None
    found = consequences(developer)
    emptied = Developer.objects.filter(_closed_and_over(now) | never_proved(now), pk=developer.pk).update(
        email=f"erased-{developer.pk}@erased.invalid",
        first_name="",
        last_name="",
        password="!",  # noqa: S106 - no password is this
        is_active=False,
        is_staff=False,
        is_superuser=False,
        last_login=None,
        home_team=None,
        closing_at=None,
        erased_at=now,
        updated_at=now,
    )
    if not emptied:
        return False
    _erase_addresses(developer)
    WaitingMail.objects.filter(recipient=address).delete()
    if closed:  # else the address was never shown to be theirs, nor are the invitations for it
        Invitation.objects.filter(email=address).delete()
    for rows in _belonging_to(developer):
        _delete(rows)
    for team in found.ending:
        _remove(team, by)
    for team in found.blocked:  # its other owner left while this account was closed: an operator must look
        team.suspend(by=by, reason=SuspendedReason.OPERATOR)
    audit.record(by, audit.Action.DEVELOPER_DELETED, developer, reason="closed" if closed else "never_verified")
    if closed:  # nobody writes again to an address that never answered
        notices.account_erased(address)
    return True


def _erase_addresses(developer: Developer) -> None:
    """Addresses and agents are personal; the trail lets them be emptied and still verifies."""
    theirs = Q(actor_id=developer.pk) | Q(target_id__in=developer.sessions.values("pk"))
    events = AuditEvent.objects.filter(theirs).exclude(address="", agent="")
    while some := list(events.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        AuditEvent.objects.filter(pk__in=some).update(address="", agent="")


def _belonging_to(row: Model) -> list[QuerySet]:
    """What Django would delete with a row, of whichever app: sessions, memberships, factors; keys, people."""
    return [
        relation.field.model._base_manager.filter(**{relation.field.name: row})
        for relation in row._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.CASCADE
    ]


def _delete(rows: QuerySet) -> int:
    """All of them, AT_ONCE by AT_ONCE: no statement is long; what only points at them is let go of."""
    deleted = 0
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._base_manager.filter(pk__in=some).delete()
        deleted += len(some)
    return deleted


def _remove(team: Team, by) -> None:
    """Delete a team that nobody is in, with its keys and people. Whose home it was, and who left it, has none."""
    Developer.objects.filter(home_team=team).update(home_team=None)
    removed = {rows.model._meta.model_name: count for rows in _belonging_to(team) if (count := _delete(rows))}
    pk = team.pk
    team.delete()
    team.pk = pk
    audit.record(by, audit.Action.TEAM_REMOVED, team, team=pk, removed=removed)
