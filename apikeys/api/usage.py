"""The REST surface of usage: how much a key, or a team, was used."""

from collections import Counter

from accounts.permissions import DeveloperOnly
from apikeys.api.keys import KeyEndpoint
from apikeys.models import ApiKey
from apikeys.serializers import TeamUsageSerializer, TeamWindowQuery, UsageSerializer, WindowQuery
from apikeys.usage.reading import by_key_of, by_status, usage_of, usage_of_team
from protocol.answer import Answer
from protocol.endpoint import Call, Endpoint


class KeyUsageView(KeyEndpoint):
    """GET /api-keys/{id}/usage"""

    calls = {
        "GET": Call("get_api_key_usage", query=WindowQuery, answers={200: UsageSerializer}, refusals=(404,)),
    }

    def get(self, request, key_id):
        """What was asked of a key, and how it was answered."""
        key = self.key(request, key_id, managing=False)
        found = usage_of(ApiKey.objects.filter(pk=key.pk), self.query["window"])
        return Answer(UsageSerializer(found).data)


class TeamUsageView(Endpoint):
    """GET /usage"""

    permission_classes = (DeveloperOnly,)
    calls = {"GET": Call("get_usage", query=TeamWindowQuery, answers={200: TeamUsageSerializer})}

    def get(self, request):
        """What was asked of a team's keys, all together and each."""
        keys = ApiKey.objects.filter(team=self.query["team"])
        found = usage_of_team(self.query["team"].pk, self.query["window"])
        by_key = by_key_of(keys, self.query["window"])
        named = keys.in_bulk(list(by_key))
        found["by_key"] = [
            {
                "key": key_id,
                "key_prefix": named[key_id].key_prefix,
                "name": named[key_id].name,
                "total": counts.total(),
                "by_status": by_status(counts),
            }
            for key_id, counts in sorted(by_key.items(), key=_busiest)
            if key_id in named  # deleted a moment ago
        ]
        return Answer(TeamUsageSerializer(found).data)


def _busiest(item: tuple[object, Counter]) -> tuple[int, str]:
    key_id, counts = item
    return -counts.total(), str(key_id)
