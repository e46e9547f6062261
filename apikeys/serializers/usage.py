"""What the usage endpoints take and show."""

from rest_framework import serializers

from accounts.teams import TeamField
from apikeys.models import Outcome
from apikeys.usage.reading import WINDOWS
from protocol.serializers import ChoiceField, StrictSerializer


class WindowQuery(StrictSerializer):
    """How far back to look."""

    window = ChoiceField(list(WINDOWS), default="24h")


class TeamWindowQuery(WindowQuery):
    """The same, of a team."""

    team = TeamField()


class Bucket(serializers.Serializer):
    """One hour or day (UTC)."""

    start = serializers.DateTimeField()
    requests = serializers.IntegerField()
    errors = serializers.IntegerField(help_text="Answered with 4xx or 5xx, but for 429.")
    throttled = serializers.IntegerField(help_text="Answered with 429.")


class ByStatus(serializers.Serializer):
    """How often each outcome; 401 is of the key that was recognised, and not good any more."""

    def get_fields(self):
        """One number each."""
        return {str(outcome): serializers.IntegerField() for outcome in Outcome}


class UsageSerializer(serializers.Serializer):
    """What was asked of a key, or of a team's keys; a few seconds late."""

    window = serializers.ChoiceField(list(WINDOWS))
    bucket = serializers.ChoiceField(("hour", "day"))
    total = serializers.IntegerField()
    by_status = ByStatus()
    series = Bucket(many=True)


class ByKey(serializers.Serializer):
    """One key's share."""

    key = serializers.UUIDField()
    key_prefix = serializers.CharField()
    name = serializers.CharField()
    total = serializers.IntegerField()
    by_status = ByStatus()


class TeamUsageSerializer(UsageSerializer):
    """The same of a team, with what each key had of it, the busiest first."""

    by_key = ByKey(many=True)
