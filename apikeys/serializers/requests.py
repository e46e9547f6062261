"""What the request log takes and shows."""

from rest_framework import serializers

from accounts.teams import TeamField
from apikeys.models import ApiKey, RequestRecord
from protocol.pages import PageQuery
from protocol.serializers import IdField, MomentField, NumberField, TextField


class KeyOfMine(IdField):
    """The id of a key of one's teams; unknown and foreign alike are `not_found`."""

    default_error_messages = {"not_found": "There is no such key, or it is not yours."}

    def to_internal_value(self, data):
        """Find it."""
        key_id = super().to_internal_value(data)
        if not ApiKey.objects.of(self.context["request"].user).filter(pk=key_id).exists():
            self.fail("not_found")
        return key_id


class RequestQuery(PageQuery):
    """Which requests."""

    team = TeamField(home=False)
    key = KeyOfMine(required=False)
    status = NumberField(required=False, min_value=100, max_value=599)
    code = TextField(required=False, max_length=40)
    since = MomentField(required=False)
    until = MomentField(required=False)


class RequestSerializer(serializers.ModelSerializer):
    """One request: what was asked, and the rule that refused it."""

    at = serializers.DateTimeField(source="created_at")
    code = serializers.CharField(help_text="The problem's code; empty for a success.")
    failed_rule = serializers.CharField(help_text="What failed, like “expired” or “scope users:write”.")
    ms = serializers.FloatField(help_text="Milliseconds until the answer was made.")
    key = serializers.UUIDField(source="key_id", allow_null=True)
    developer = serializers.UUIDField(source="developer_id", allow_null=True)

    class Meta:
        model = RequestRecord
        fields = ("id", "request_id", "at", "method", "route", "status", "code", "failed_rule", "ms", "key")
        fields += ("developer", "ip", "user_agent")
