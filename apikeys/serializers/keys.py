"""What the key endpoints take and show."""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.teams import TeamField
from apikeys import addresses
from apikeys.models import DEFAULT_OVERLAP, DEFAULT_SCOPES, DESCRIPTION_LENGTH, LONGEST_OVERLAP, NAME_LENGTH, ApiKey
from apikeys.scopes import ALL, in_order
from apikeys.widening import allows_more
from protocol.pages import PageQuery
from protocol.serializers import (
    ChoiceField,
    FlagField,
    ListField,
    MomentField,
    StrictSerializer,
    TextField,
    WholeField,
)

LONGEST_WINDOW = 86400  # seconds of a rate limit
FARTHEST_END = timedelta(days=100 * 365)
STATUSES = ("active", "disabled", "expired", "revoked")


class LimitSerializer(StrictSerializer):
    """So many calls in so many seconds."""

    limit = WholeField(min_value=1, max_value=10_000_000)
    per_seconds = WholeField(min_value=1, max_value=LONGEST_WINDOW)

    def faults_between(self, value, sent):
        """Whole, in a PATCH too, and at most API_KEY_RATE_LIMIT_MAX; above it an operator must set it."""
        missing = [name for name in self.fields if name not in sent]
        if missing and getattr(self.root, "partial", False):
            return dict.fromkeys(missing, serializers.ErrorDetail("This field is required.", "required"))
        most, seconds = settings.API_KEY_RATE_LIMIT_MAX
        if value.keys() == self.fields.keys() and allows_more((value["limit"], value["per_seconds"]), (most, seconds)):
            detail = f"At most {most} in {seconds} seconds: ask an operator."
            return {"limit": serializers.ErrorDetail(detail, "max_value")}
        return {}


class ScopesField(ListField):
    """Scopes by name, each once."""

    def __init__(self, **kwargs):
        super().__init__(child=ChoiceField([str(scope) for scope in ALL]), allow_empty=False, max_length=20, **kwargs)

    def to_internal_value(self, data):
        """In the order of the enum."""
        return in_order(super().to_internal_value(data))


class AddressField(TextField):
    """An IPv4 or IPv6 address or CIDR, made canonical."""

    def run_validation(self, data=empty):
        """Refuse host bits too, for they are nearly always a slip."""
        text = super().run_validation(data)
        try:
            return addresses.canonical(text)
        except ValueError as error:
            raise serializers.ValidationError(self._slip(text), "invalid") from error

    @staticmethod
    def _slip(text: str) -> str:
        try:
            meant = addresses.canonical(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError:
            return "Not an address or CIDR: like 203.0.113.7 or 10.0.0.0/8."
        return f"There are bits behind the prefix: did you mean {meant}?"


class AddressesField(ListField):
    """Addresses and CIDRs, each once."""

    def __init__(self, **kwargs):
        super().__init__(child=AddressField(max_length=64), max_length=addresses.MOST, **kwargs)

    def to_internal_value(self, data):
        """In the order they were sent."""
        return list(dict.fromkeys(super().to_internal_value(data)))


class Settable(StrictSerializer):
    """What both making and changing a key take."""

    name = TextField(max_length=NAME_LENGTH, required=False)
    description = TextField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True)
    scopes = ScopesField(required=False)
    expires_at = MomentField(required=False, allow_null=True)
    allowed_ips = AddressesField(required=False)
    rate_limit = LimitSerializer(required=False, allow_null=True)

    def validate_expires_at(self, value):
        """The past, and what is farther than anyone can mean, are slips."""
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("This time is in the past.", "invalid")
        if value is not None and value > timezone.now() + FARTHEST_END:
            raise serializers.ValidationError("At most 100 years ahead; null is never.", "max_value")
        return value

    def validate(self, attrs):
        """Spell the limit as the row keeps it."""
        if "rate_limit" in attrs:
            limit = attrs.pop("rate_limit")
            attrs["rate_limit"] = limit["limit"] if limit else None
            attrs["rate_seconds"] = limit["per_seconds"] if limit else None
        return attrs


class NewKey(Settable):
    """A new key, in whatever team; every field may be left out."""

    environment = ChoiceField(ApiKey.Environment.choices, default="live")
    expires_in = WholeField(required=False, min_value=1, max_value=int(FARTHEST_END.total_seconds()))

    def faults_between(self, value, sent):
        """One end is enough."""
        if "expires_in" in sent and "expires_at" in sent:
            return {"expires_in": serializers.ErrorDetail("Send expires_at or expires_in, not both.", "invalid")}
        return {}

    def validate(self, attrs):
        """Fill in what was left out."""
        attrs = super().validate(attrs)
        if "expires_in" in attrs:
            attrs["expires_at"] = timezone.now() + timedelta(seconds=attrs.pop("expires_in"))
        return {"name": "Default", "scopes": DEFAULT_SCOPES, **attrs}


class KeyCreate(NewKey):
    """A new key of a team; every field may be left out."""

    team = TeamField()


class KeyChange(Settable):
    """What may be changed of a key; what is left out stays."""

    enabled = FlagField(required=False)


class Rotation(StrictSerializer):
    """How a key is replaced."""

    overlap_seconds = WholeField(required=False, min_value=0, max_value=LONGEST_OVERLAP)
    compromised = FlagField(default=False)

    def faults_between(self, value, sent):
        """A key that leaked has no overlap."""
        if value.get("compromised") and value.get("overlap_seconds"):
            detail = "A compromised key ends at once: send 0 or leave it out."
            return {"overlap_seconds": serializers.ErrorDetail(detail, "invalid")}
        return {}

    def validate(self, attrs):
        """Fill in what was left out."""
        return {"overlap_seconds": DEFAULT_OVERLAP, **attrs}


class KeyQuery(PageQuery):
    """The filters of the list."""

    team = TeamField(home=False)
    environment = ChoiceField(ApiKey.Environment.choices, required=False)
    status = ChoiceField([*STATUSES, "all"], required=False)


class LimitShown(serializers.Serializer):
    """So many calls in so many seconds."""

    limit = serializers.IntegerField()
    per_seconds = serializers.IntegerField()


class KeySerializer(serializers.ModelSerializer):
    """A key as it is shown: never the secret."""

    team = serializers.UUIDField(source="team_id")
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="True to a minute; null: never used.")
    rotated_from = serializers.UUIDField(source="rotated_from_id", allow_null=True)
    replaced_by = serializers.UUIDField(allow_null=True)
    scopes = serializers.ListField(child=ChoiceField([str(scope) for scope in ALL]))
    allowed_ips = serializers.ListField(child=serializers.CharField())
    status = ChoiceField(STATUSES)
    rate_limit = serializers.SerializerMethodField()

    class Meta:
        model = ApiKey
        fields = ("id", "name", "description", "key_prefix", "environment", "scopes", "status", "team", "created_by")
        fields += ("created_at", "updated_at", "expires_at", "last_used_at", "disabled_at", "revoked_at")
        fields += ("rotated_from", "replaced_by", "allowed_ips", "rate_limit")

    def get_rate_limit(self, key) -> LimitShown:
        """The limit that holds, the default included."""
        most, seconds = key.limit
        return {"limit": most, "per_seconds": seconds}  # type: ignore[return-value]


class NewKeySerializer(KeySerializer):
    """A key with its whole text: the one answer that holds it."""

    key = serializers.CharField()

    class Meta(KeySerializer.Meta):
        fields = (*KeySerializer.Meta.fields, "key")


class SelfSerializer(KeySerializer):
    """The calling key, and what is left of its limit."""

    remaining = serializers.IntegerField(allow_null=True, help_text="Null while limits are not shared.")
    resets_in = serializers.IntegerField(allow_null=True, help_text="Seconds until the window is over.")

    class Meta(KeySerializer.Meta):
        fields = (*KeySerializer.Meta.fields, "remaining", "resets_in")
