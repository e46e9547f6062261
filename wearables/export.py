"""All that is held about one end user; what their sources bring will be more sections."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts import trail
from accounts.models import AuditEvent
from wearables.models import EndUser
from wearables.serializers import EndUserSerializer

TOLD = ("at", "action", "actor_kind", "data")  # of an event; who acted is not the end user's data


def everything_about(user: EndUser) -> dict[str, Any]:
    """The sections of `GET /users/{id}/export` and of the portal's download, for `protocol.downloads`."""
    return {
        "exported_at": timezone.now(),
        "user": EndUserSerializer(user).data,
        "history": _history_of(user),
    }


def _history_of(user: EndUser) -> Iterator[dict[str, Any]]:
    events_of_this = AuditEvent.objects.filter(target_id=user.pk, team_id=user.team_id)
    for events in trail.all_of([events_of_this]):
        yield from ({name: getattr(event, name) for name in TOLD} for event in events)
