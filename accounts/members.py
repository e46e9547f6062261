"""Who is in a team and as what: made, changed, ended. One rule for API, portal and commands.

Whoever leads (owner, admin) acts on those of their own rank or below, and gives no role above their own. A team keeps
an owner who can sign in: the team's row is the lock under which that is looked at, so that of two owners who leave at
once one stays.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch
from django.utils import timezone

from accounts import notices
from accounts.models import Developer, Membership, Role, Session, Team, audit
from accounts.models.team import LEADING, rank
from protocol.problems import Conflict, Forbidden, NotFound

TEAMS_PER_DEVELOPER = 100
ONLY_LEADERS = "Only owners and admins of the team may do this."
NOT_ABOVE = "Your role does not reach so far: ask an owner of the team."


def colleagues(developer: Developer):
    """Everybody in a developer's teams, that developer too, each with the `shared` memberships, the oldest first."""
    teams = Team.objects.of(developer)
    shared = Membership.objects.filter(team__in=teams).order_by("created_at", "pk")
    inside = Exists(Membership.objects.filter(developer=OuterRef("pk"), team__in=teams))
    named = Prefetch("memberships", shared, to_attr="shared")
    return Developer.objects.filter(inside).prefetch_related(named)  # type: ignore[no-redef] # the model says its type


def require_leading(developer: Developer, team_id) -> str:
    """The developer's role in a team, which is owner or admin; else Forbidden."""
    role = developer.role_in(team_id)
    if role not in LEADING:
        raise Forbidden(ONLY_LEADERS)
    return role


def found_team(*, by: Developer, name: str) -> Team:
    """Make a team that its maker owns.

    Raises:
        Conflict `already_exists`: the developer is in TEAMS_PER_DEVELOPER teams.
    """
    with transaction.atomic():
        Developer.objects.select_for_update(no_key=True).get(pk=by.pk)
        if by.memberships.count() >= TEAMS_PER_DEVELOPER:
            raise Conflict(f"You are in {TEAMS_PER_DEVELOPER} teams already: leave one first.")
        team = Team.objects.create(name=name)
        Membership.objects.create(team=team, developer=by, role=Role.OWNER)
        audit.record(by, audit.Action.TEAM_CREATED, team, team=team.pk)
    return team


def rename_team(team: Team, *, by, name: str) -> None:
    """Call a team otherwise. Raises Forbidden for who does not lead it."""
    require_leading(by, team.pk)
    with transaction.atomic():
        if Team.objects.filter(pk=team.pk).exclude(name=name).update(name=name, updated_at=timezone.now()):
            audit.record(by, audit.Action.TEAM_CHANGED, team, team=team.pk, fields=["name"])
    team.refresh_from_db()


def lock(team_id) -> None:
    """Hold everybody else who changes the members of a team until the transaction ends."""
    list(Team.objects.filter(pk=team_id).select_for_update(no_key=True))


def _locked(membership: Membership) -> Membership:
    """The membership as it is under the team's lock; NotFound when it ended meanwhile."""
    lock(membership.team_id)
    now = Membership.objects.select_related("developer", "team").filter(pk=membership.pk).first()
    if now is None:
        raise NotFound
    return now


def _require_another_owner(membership: Membership) -> None:
    others = Membership.objects.filter(team=membership.team_id, role=Role.OWNER, developer__is_active=True)
    if membership.role == Role.OWNER and not others.exclude(pk=membership.pk).exists():
        raise Conflict("A team keeps an owner who can sign in: make somebody else an owner first.", code="last_owner")


def change_role(membership: Membership, *, by: Developer, role: str) -> bool:
    """Give a member another role; the same again changes nothing.

    Raises:
        Forbidden: `by` does not lead, or the old or the new role stands above their own.
        Conflict `last_owner`. NotFound: the member left meanwhile.
    """
    with transaction.atomic():
        member = _locked(membership)
        own = rank(require_leading(by, member.team_id))
        if max(rank(member.role), rank(role)) > own:
            raise Forbidden(NOT_ABOVE)
        if member.role == role:
            return False
        _require_another_owner(member)
        Membership.objects.filter(pk=member.pk).update(role=role)
        facts = {"before": member.role, "after": role}
        audit.record(by, audit.Action.MEMBER_ROLE_CHANGED, member.developer, team=member.team_id, **facts)
    membership.refresh_from_db()
    return True


def may_end(membership: Membership, *, by) -> None:
    """Raise unless `by` may end this membership: one's own, or of one's rank or below by who leads; a command may.

    Raises:
        Forbidden, Conflict `last_owner`.
    """
    another = isinstance(by, Developer) and membership.developer_id != by.pk
    if another and rank(membership.role) > rank(require_leading(by, membership.team_id)):
        raise Forbidden(NOT_ABOVE)
    _require_another_owner(membership)


def end(membership: Membership, *, by) -> int:
    """End a membership, never the account; their open invitations are revoked and, sent away, their sign-ins end.

    Answers how many sign-ins ended: none for one who leaves by themselves.

    Raises:
        Forbidden, Conflict `last_owner`. NotFound: it ended meanwhile.
    """
    with transaction.atomic():
        member = _locked(membership)
        may_end(member, by=by)
        developer, team = member.developer, member.team
        leaves = isinstance(by, Developer) and by.pk == developer.pk
        member.delete()
        revoked = developer.invitations.filter(team=team).open().update(revoked_at=timezone.now())
        ended = 0 if leaves else Session.objects.of(developer).close(Session.Reason.REMOVED)
        action = audit.Action.MEMBER_LEFT if leaves else audit.Action.MEMBER_REMOVED
        audit.record(by, action, developer, team=team.pk, role=member.role, ended=ended, invitations=revoked)
        if not leaves:
            notices.member_removed(developer, team)
        for stopped in Team.objects.filter(pk=team.pk).without_active_member():
            stopped.suspend(by=by, reason="no_active_member")
    return ended
