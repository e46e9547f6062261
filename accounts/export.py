"""All that this app holds about a developer, for the developer: no secret, and of others only whom they invited.

Sections are values, or iterators for what may be long (`protocol.downloads`); the steps above add theirs.
"""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.utils import timezone

from accounts import factors, trail
from accounts.models import AuditEvent, Developer, Invitation

PERSONAL = ("id", "email", "first_name", "last_name", "created_at", "updated_at", "last_login", "is_staff")
OF_A_SESSION = (
    "id kind created_at last_used_at expires_at ends_at closed_at closed_reason ip user_agent rotated_ip "
    "rotated_user_agent"
).split()
OF_AN_INVITATION = "id email role status created_at sent_at expires_at accepted_at revoked_at".split()  # no digest
OF_AN_EVENT = ("id", "at", "action", "actor_kind", "actor_id", "target_kind", "target_id", "team_id", "data")


def sections_of(developer: Developer) -> dict[str, Any]:
    """Account, addresses, teams, invitations, sign-ins, and what the trail says of own acts and of the account."""
    memberships = developer.memberships.select_related("team").order_by("created_at", "pk")
    proofs = factors.of(developer)
    addresses = EmailAddress.objects.filter(user=developer).order_by("pk")
    sessions = developer.sessions.order_by("created_at", "pk")
    return {
        "exported_at": timezone.now(),
        "account": {name: getattr(developer, name) for name in PERSONAL},
        "email_addresses": list(addresses.values("email", "verified", "primary")),
        "second_factors": list(proofs.values("type", "created_at", "last_used_at")),
        "memberships": [
            {
                "team": each.team_id,
                "name": each.team.name,
                "role": each.role,
                "since": each.created_at,
                "alerts_seen_at": each.alerts_seen_at,
            }
            for each in memberships
        ],
        "invitations_sent": _invitations(Invitation.objects.filter(invited_by=developer)),
        "invitations_received": _invitations(Invitation.objects.filter(email=developer.email)),
        "sessions": iter(sessions.values(*OF_A_SESSION).iterator(trail.AT_ONCE)),
        "audit_events": _events_about(developer),
    }


def _invitations(found: QuerySet[Invitation]) -> Iterator[dict[str, Any]]:
    for invitation in found.defer("digest").order_by("created_at", "pk").iterator(trail.AT_ONCE):
        said = {name: getattr(invitation, name) for name in OF_AN_INVITATION}
        yield {"team": invitation.team_id, **said}


def _events_about(developer: Developer) -> Iterator[dict[str, Any]]:
    for events in trail.all_of(trail.sources(developer, None)):
        for event in events:
            yield as_data(event) | _whence(event, developer)


def as_data(event: AuditEvent) -> dict[str, Any]:
    """An event as it stands, without where it came from."""
    return {name: getattr(event, name) for name in OF_AN_EVENT}


def _whence(event: AuditEvent, developer: Developer) -> dict[str, Any]:
    """Address and agent, where they are the developer's own: another's are that person's."""
    own = event.actor_id == developer.pk
    return {"address": event.address if own else "", "agent": event.agent if own else ""}
