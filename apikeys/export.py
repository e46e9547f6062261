"""All that is held about a developer, the keys that they made with their alerts, and their calls: no secret."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.serializers import ModelSerializer

from accounts.export import sections_of
from accounts.models import Alert, Developer, Team
from apikeys.models import ApiKey, RequestRecord
from apikeys.serializers import AlertSerializer, KeySerializer, RequestSerializer

AT_ONCE = 500  # rows that are held at a time


def everything_about(developer: Developer) -> dict[str, Any]:
    """The sections of `GET /auth/me/export` and of the portal's download, for `protocol.downloads`."""
    keys = ApiKey.objects.of(developer).filter(created_by=developer).select_related("successor").with_last_use()
    teams = list(Team.objects.of(developer).values_list("pk", flat=True))
    calls = RequestRecord.objects.filter(team_id__in=teams, developer_id=developer.pk)
    # Their own sign-ins, in whichever team; keys as above: what the team made beside them is the team's.
    theirs = Q(developer_id=developer.pk) | Q(team_id__in=teams, key_id__in=keys.order_by().values("pk"))
    alerts = Alert.objects.filter(theirs).with_mutes()
    return {
        **sections_of(developer),
        "api_keys": _shown(KeySerializer(), keys),
        "alerts": _shown(AlertSerializer(), alerts),
        "requests": _shown(RequestSerializer(), calls),
    }


def _shown(as_api: ModelSerializer, rows: QuerySet) -> Iterator[dict[str, Any]]:
    """Rows, oldest first, as the API shows them: by one serializer, for making one takes twenty times a row's time."""
    return map(as_api.to_representation, rows.order_by("created_at", "pk").iterator(AT_ONCE))
