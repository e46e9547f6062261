"""What an export of one's own data holds."""

from rest_framework import serializers

from apikeys.serializers.alerts import AlertSerializer
from apikeys.serializers.keys import KeySerializer
from apikeys.serializers.requests import RequestSerializer


class DeveloperExport(serializers.Serializer):
    """All that is held about a developer: no secret; of others, whom they asked and from where their keys were used."""

    exported_at = serializers.DateTimeField()
    account = serializers.DictField(help_text="Names, address and times of the account.")
    email_addresses = serializers.ListField(child=serializers.DictField())
    second_factors = serializers.ListField(child=serializers.DictField(), help_text="Kind and times; no secret.")
    memberships = serializers.ListField(child=serializers.DictField(), help_text="Teams, with role and since when.")
    invitations_sent = serializers.ListField(child=serializers.DictField(), help_text="Who was asked into which team.")
    invitations_received = serializers.ListField(
        child=serializers.DictField(), help_text="Those for the developer's address; never their links."
    )
    sessions = serializers.ListField(child=serializers.DictField(), help_text="Sign-ins, the ended ones too.")
    audit_events = serializers.ListField(child=serializers.DictField(), help_text="Own acts, and acts on the account.")
    api_keys = KeySerializer(many=True, help_text="Keys that the developer made, in teams they are in.")
    alerts = AlertSerializer(many=True, help_text="What was unusual about those keys and the developer's sign-ins.")
    requests = RequestSerializer(many=True, help_text="Recent calls with the developer's own tokens.")
