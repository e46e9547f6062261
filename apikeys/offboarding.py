"""Somebody leaves a team, or the house: what becomes of the live keys whose secret they saw.

Whoever made or rotated a key has seen its text, and may have kept it. So the end of a membership asks: keep the keys
and mark them (`ApiKey.objects.left_behind()`, until somebody of the team rotates them), revoke them at once, or let
them expire after an overlap in which somebody rotates them: nobody can rotate them here, for a new secret is shown to
whoever asked for it and to nobody else. Membership, sign-ins, invitations and keys change in one transaction.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import members
from accounts.models import Developer, Membership, Team
from apikeys import notices
from apikeys.models import ApiKey
from protocol.problems import Conflict

REASON = "its maker left"


class Fate(models.TextChoices):
    """What becomes of the keys of who leaves."""

    KEEP = "keep", "Keep them; they are marked"
    EXPIRE = "expire", "Let them expire, so that they can be rotated until then"
    REVOKE = "revoke", "Revoke them now"


DEFAULT_OVERLAP = 7 * 86400  # seconds in which a key that will expire can be rotated
LONGEST_OVERLAP = 30 * 86400


@dataclass(frozen=True)
class Left:
    """What an offboarding did: how many sign-ins ended, which keys were touched, which were kept."""

    ended: int
    changed: list[ApiKey]
    kept: list[ApiKey]


def keys_seen_by(developer: Developer, team: Team | None = None):
    """The keys that open something, or would once enabled, and whose text this developer saw; in one team or in all."""
    now = timezone.now()
    open_ended = Q(expires_at=None) | Q(expires_at__gt=now)
    seen = ApiKey.objects.filter(open_ended, created_by=developer, revoked_at=None)
    return (seen.filter(team=team) if team else seen).select_related("team").order_by("name", "pk")


def remove(membership: Membership, *, by, fate: str = Fate.KEEP, overlap: int = DEFAULT_OVERLAP) -> Left:
    """End a membership and decide on its keys.

    Args:
        overlap: seconds until keys of Fate.EXPIRE end; an earlier end of their own stays.

    Raises: as `members.end`.
    """
    with transaction.atomic():
        developer, team = membership.developer, membership.team
        members.lock(team.pk)
        found = list(keys_seen_by(developer, team))
        ended = members.end(membership, by=by)
        left = _decide(found, ended, by=by, fate=fate, overlap=overlap)
        if found:
            notices.maker_left(team, developer, left, fate)
    return left


def disable(developer: Developer, *, by, fate: str = Fate.KEEP, overlap: int = DEFAULT_OVERLAP) -> Left:
    """Disable an account and decide on the keys of all its teams; memberships stay, for it may be enabled again."""
    with transaction.atomic():
        developer.lock_teams()
        found = list(keys_seen_by(developer))
        ended = developer.sessions.live().count()
        developer.disable(by=by)
        left = _decide(found, ended, by=by, fate=fate, overlap=overlap)
        for team in sorted({key.team for key in found}, key=lambda team: team.pk):
            mine = Left(0, [k for k in left.changed if k.team == team], [k for k in left.kept if k.team == team])
            notices.maker_left(team, developer, mine, fate)
    return left


def _decide(found: list[ApiKey], ended: int, *, by, fate: str, overlap: int) -> Left:
    if fate == Fate.KEEP:
        return Left(ended, [], found)
    end = timezone.now() + timedelta(seconds=overlap)
    changed: list[ApiKey] = []
    kept: list[ApiKey] = []
    for key in found:
        done = key.revoke(by=by, reason=REASON) if fate == Fate.REVOKE else _ends_at(key, end, by)
        (changed if done else kept).append(key)
    return Left(ended, changed, kept)


def _ends_at(key: ApiKey, end, by) -> bool:
    """Let a key expire; one that ends sooner, by its own end or as the old one of a rotation, is left to that."""
    if key.expires_at and key.expires_at <= end:
        return False
    try:
        key.change(by=by, expires_at=end)
    except Conflict:
        return False
    return True
