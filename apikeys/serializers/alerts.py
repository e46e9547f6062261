"""What the alert endpoints take and show."""

from rest_framework import serializers

from accounts.models import Alert, AlertMute
from accounts.teams import TeamField
from apikeys.serializers.requests import KeyOfMine
from apikeys.unusual import words_for
from protocol.pages import PageQuery
from protocol.serializers import ChoiceField, FlagField, StrictSerializer


class AlertQuery(PageQuery):
    """Which alerts."""

    team = TeamField(home=False)
    key = KeyOfMine(required=False)
    kind = ChoiceField(Alert.Kind.choices, required=False)


class AlertChange(StrictSerializer):
    """Whether alerts of this kind about this key (or sign-in) are mailed any more."""

    muted = FlagField()


class AlertSerializer(serializers.ModelSerializer):
    """Something unusual: what, about which key, when and from where."""

    at = serializers.DateTimeField(source="created_at")
    team = serializers.UUIDField(source="team_id")
    key = serializers.UUIDField(source="key_id", allow_null=True, help_text="Null for a sign-in.")
    developer = serializers.UUIDField(source="developer_id", allow_null=True, help_text="Whose sign-in it was.")
    detail = serializers.CharField(help_text="The network, the origin, the numbers: what the kind is about.")
    what = serializers.SerializerMethodField(help_text="What was unusual, as a sentence.")
    advice = serializers.SerializerMethodField(help_text="What to do about it.")
    muted = serializers.SerializerMethodField(help_text="Whether its kind is muted for its key or for the team.")

    class Meta:
        model = Alert
        fields = (
            "id",
            "at",
            "kind",
            "team",
            "key",
            "developer",
            "detail",
            "ip",
            "user_agent",
            "what",
            "advice",
            "muted",
        )

    def get_what(self, alert) -> str:
        """In words."""
        return words_for(alert).what

    def get_advice(self, alert) -> str:
        """In words."""
        return words_for(alert).advice

    def get_muted(self, alert) -> bool:
        """Of the queryset `with_mutes`."""
        return alert.muted_here or alert.muted_for_team


class MuteQuery(PageQuery):
    """Whose mutes."""

    team = TeamField()


class NewMute(StrictSerializer):
    """A kind of alert that is not mailed any more: about one key, or (without `key`) about all of the team."""

    team = TeamField()
    key = KeyOfMine(required=False, allow_null=True, default=None)
    kind = ChoiceField(Alert.Kind.choices)

    def validate(self, attrs):
        """The key must be of the team."""
        team, key = attrs["team"], attrs["key"]
        if key is not None and not team.api_keys.filter(pk=key).exists():
            raise serializers.ValidationError(
                {"key": [serializers.ErrorDetail("This key is of another team.", "not_found")]}
            )
        return attrs


class MuteSerializer(serializers.ModelSerializer):
    """A kind of alert that is not mailed."""

    team = serializers.UUIDField(source="team_id")
    key = serializers.UUIDField(source="key_id", allow_null=True, help_text="Null for the whole team.")

    class Meta:
        model = AlertMute
        fields = ("id", "created_at", "team", "key", "kind")
