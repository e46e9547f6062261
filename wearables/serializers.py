"""What the end user endpoints take and show."""

from rest_framework import serializers

from apikeys.models import ApiKey
from protocol.serializers import ChoiceField, StrictSerializer, TextField
from wearables.models import EndUser

SORTABLE = ("created_at", "email", "first_name", "last_name", "last_synced_at")


class EmailText(TextField, serializers.EmailField):
    """An e-mail address: a string and only a string."""


class EndUserFields(StrictSerializer):
    """A person as a team describes them; all optional, a blank is null."""

    first_name = TextField(max_length=100, required=False, allow_blank=True, allow_null=True)
    last_name = TextField(max_length=100, required=False, allow_blank=True, allow_null=True)
    email = EmailText(max_length=254, required=False, allow_blank=True, allow_null=True)
    external_user_id = TextField(max_length=255, required=False, allow_blank=True, allow_null=True)

    def validate(self, attrs):
        """A blank is null, so that two people without an e-mail don't collide."""
        return {name: value or None for name, value in attrs.items()}


class WhereQuery(StrictSerializer):
    """Which team and environment a developer's session means; a key may not say."""

    team = serializers.UUIDField(required=False)
    environment = ChoiceField(ApiKey.Environment.choices, required=False)


class EndUserQuery(WhereQuery):
    """The filters, order and page of the list."""

    page = serializers.IntegerField(default=1, min_value=1, max_value=1_000_000)
    limit = serializers.IntegerField(default=20, min_value=1, max_value=100)
    sort_by = ChoiceField(SORTABLE, default="created_at")
    sort_order = ChoiceField(("asc", "desc"), default="desc")
    search = serializers.CharField(required=False, allow_blank=True, max_length=255)
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    external_user_id = serializers.CharField(required=False, allow_blank=True, max_length=255)


class EndUserSerializer(serializers.ModelSerializer):
    """A person as they are shown. What comes from connections is null until there are any."""

    team = serializers.UUIDField(source="team_id")
    last_synced_at = serializers.SerializerMethodField()
    last_synced_provider = serializers.SerializerMethodField()
    has_active_connection = serializers.SerializerMethodField()

    class Meta:
        model = EndUser
        fields = ("id", "team", "environment", "created_at", "first_name", "last_name", "email", "external_user_id")
        fields += ("last_synced_at", "last_synced_provider", "has_active_connection")

    def get_last_synced_at(self, user) -> str | None:
        """Comes with the connections."""
        return None

    def get_last_synced_provider(self, user) -> str | None:
        """Comes with the connections."""
        return None

    def get_has_active_connection(self, user) -> bool:
        """Comes with the connections."""
        return False


class EndUserPage(serializers.Serializer):
    """One page of people."""

    items = EndUserSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    pages = serializers.IntegerField()
    has_next = serializers.BooleanField()
    has_prev = serializers.BooleanField()
