"""What the end user endpoints take and show."""

from rest_framework import serializers

from accounts.teams import TeamField
from apikeys.authentication import Principal
from apikeys.models import ApiKey
from protocol.serializers import ChoiceField, EmailText, NumberField, StrictSerializer, TextField
from wearables.models import EndUser

SORTABLE = ("created_at", "email", "first_name", "last_name", "last_synced_at")


class EndUserFields(StrictSerializer):
    """A person as a team describes them; all optional, a blank is null."""

    first_name = TextField(max_length=100, required=False, allow_blank=True, allow_null=True)
    last_name = TextField(max_length=100, required=False, allow_blank=True, allow_null=True)
    email = EmailText(max_length=254, required=False, allow_blank=True, allow_null=True)
    external_user_id = TextField(max_length=255, required=False, allow_blank=True, allow_null=True)

    def validate(self, attrs):
        """A blank is null, so that two people without an e-mail don't collide."""
        return {name: value or None for name, value in attrs.items()}


class Fixed(serializers.Field):
    """What a key may not say, not even rightly: it sees its own."""

    default_error_messages = {"invalid": "A key sees its own team and environment: leave this out."}

    def to_internal_value(self, data):
        """Refuse it."""
        self.fail("invalid")


class WhereQuery(StrictSerializer):
    """Which team and environment a developer's session means; a key may not say."""

    sessions_only = ("team", "environment")  # for the schema: a client that sends their defaults would be refused
    team = TeamField()
    environment = ChoiceField(ApiKey.Environment.choices, default="live")

    def get_fields(self):
        """What is asked of a session, and not of a key."""
        fields = super().get_fields()
        if isinstance(getattr(self.context.get("request"), "auth", None), Principal):
            fields |= {"team": Fixed(required=False), "environment": Fixed(required=False)}
        return fields


class EndUserQuery(WhereQuery):
    """The filters, order and page of the list."""

    page = NumberField(default=1, min_value=1, max_value=1_000_000)
    limit = NumberField(default=20, min_value=1, max_value=100)
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

    def to_representation(self, user):
        """The same, by hand: a page of a hundred people should not cost a hundred walks over eleven fields."""
        return {
            "id": str(user.pk),
            "team": str(user.team_id),
            "environment": user.environment,
            "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "external_user_id": user.external_user_id,
            "last_synced_at": self.get_last_synced_at(user),
            "last_synced_provider": self.get_last_synced_provider(user),
            "has_active_connection": self.get_has_active_connection(user),
        }

    def get_last_synced_at(self, user) -> str | None:
        """Comes with the connections."""
        return None

    def get_last_synced_provider(self, user) -> str | None:
        """Comes with the connections."""
        return None

    def get_has_active_connection(self, user) -> bool:
        """Comes with the connections."""
        return False


class HistorySerializer(serializers.Serializer):
    """What was done to a person's data."""

    at = serializers.DateTimeField()
    action = serializers.CharField()
    actor_kind = serializers.CharField(help_text="Like developer or api_key.")
    data = serializers.DictField(help_text="Names of the fields that changed; never their values.")


class EndUserExport(serializers.Serializer):
    """All that is held about a person."""

    exported_at = serializers.DateTimeField()
    user = EndUserSerializer()
    history = HistorySerializer(many=True, help_text="Newest first.")


class EndUserPage(serializers.Serializer):
    """One page of people."""

    items = EndUserSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    pages = serializers.IntegerField()
    has_next = serializers.BooleanField()
    has_prev = serializers.BooleanField()
