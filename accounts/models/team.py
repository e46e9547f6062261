"""Who owns keys and end users, so that they outlive a leaving developer."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import audit


class Role(models.TextChoices):
    """What a member may do; `viewer` only reads."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    DEVELOPER = "developer", "Developer"
    VIEWER = "viewer", "Viewer"


MANAGING = (Role.OWNER, Role.ADMIN, Role.DEVELOPER)
LEADING = (Role.OWNER, Role.ADMIN)  # who may rename the team, invite, change roles and remove
RANKS = {Role.VIEWER: 0, Role.DEVELOPER: 1, Role.ADMIN: 2, Role.OWNER: 3}


def rank(role: str | None) -> int:
    """How high a role stands; who has none stands below all."""
    return RANKS.get(Role(role), -1) if role else -1


class SuspendedReason(models.TextChoices):
    """Why a team is suspended; enabling a member lifts only the second."""

    OPERATOR = "operator", "By an operator"
    NO_ACTIVE_MEMBER = "no_active_member", "No active member"


class TeamQuerySet(models.QuerySet):
    """Teams, read as sentences."""

    def of(self, developer):
        """The teams a developer belongs to."""
        return self.filter(memberships__developer=developer)

    def for_browser(self, developer):
        """The same, the oldest first, each with `alerts_seen`: since when alerts are new to the developer."""
        seen = Coalesce("memberships__alerts_seen_at", "memberships__created_at")
        return self.of(developer).annotate(alerts_seen=seen).order_by("created_at", "pk")

    def managed_by(self, developer):
        """The teams whose keys a developer may manage."""
        return self.filter(memberships__developer=developer, memberships__role__in=MANAGING)

    def without_active_member(self):
        """Teams in which nobody can sign in any more."""
        active = Membership.objects.filter(team=OuterRef("pk"), developer__is_active=True)
        return self.filter(~Exists(active))

    def left_without_owner_by(self, developer):
        """A developer's teams in which others are, and nobody else is an owner who can sign in."""
        others = Membership.objects.filter(team=OuterRef("pk")).exclude(developer=developer)
        owners = others.filter(role=Role.OWNER, developer__is_active=True)
        return self.filter(Exists(others), ~Exists(owners), memberships__developer=developer)

    def stopping_without(self, developers):
        """Teams that are not suspended yet, and would be if these developers were disabled."""
        members = Membership.objects.filter(team=OuterRef("pk"), developer__is_active=True)
        mine = members.filter(developer__in=developers)
        return self.filter(Exists(mine), ~Exists(members.exclude(developer__in=developers)), suspended_at=None)


class Team(models.Model):
    """A group of developers, its keys and its end users."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=20, choices=SuspendedReason, blank=True, default="")

    alerts_seen: datetime  # of those that `for_browser` finds
    new_alerts: int | None = None  # what `accounts.alerts` counted

    objects = TeamQuerySet.as_manager()

    def __str__(self):
        return self.name

    def suspend(self, *, by, reason=SuspendedReason.OPERATOR) -> bool:
        """Stop every key of the team at once; again changes nothing. An operator's reason outranks the other."""
        with transaction.atomic():
            open_teams = Team.objects.filter(pk=self.pk).exclude(suspended_reason=reason)
            if reason != SuspendedReason.OPERATOR:
                open_teams = open_teams.filter(suspended_at=None)
            changed = open_teams.update(suspended_at=timezone.now(), suspended_reason=reason)
            if changed:
                audit.record(by, audit.Action.TEAM_SUSPENDED, self, team=self.pk, reason=str(reason))
        self.refresh_from_db()
        return bool(changed)

    def resume(self, *, by, reason=SuspendedReason.OPERATOR) -> bool:
        """Lift a suspension that was made for `reason`; again changes nothing."""
        with transaction.atomic():
            changed = Team.objects.filter(pk=self.pk, suspended_reason=reason).update(
                suspended_at=None, suspended_reason=""
            )
            if changed:
                audit.record(by, audit.Action.TEAM_RESUMED, self, team=self.pk)
        self.refresh_from_db()
        return bool(changed)


class Membership(models.Model):
    """A developer's role in a team."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    developer = models.ForeignKey("accounts.Developer", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    alerts_seen_at = models.DateTimeField(null=True, blank=True, editable=False)  # by opening their page

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "developer"], name="one_membership_per_team_and_developer")
        ]

    def __str__(self):
        return f"{self.role} of {self.team_id}"
