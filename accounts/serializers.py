"""What the account endpoints take and show."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import attempts
from accounts.backends import password_matches
from accounts.models import Developer, Session
from protocol.serializers import ChoiceField, SecretField, StrictSerializer, TextField

MAX_PASSWORD = 4096  # characters read; the hash's own bound is 1,024 bytes
LONGEST_NAME = 100


class OAuthSerializer(StrictSerializer):
    """OAuth 2 endpoints ignore parameters they don't know (RFC 6749 §3.2)."""

    ignore_unknown = True
    grant_type = TextField(required=False)
    grant_types: tuple[str, ...] = ("password", "refresh_token")

    def validate_grant_type(self, value):
        """Only what these endpoints do."""
        if value not in self.grant_types:
            raise serializers.ValidationError("Use password or refresh_token.", "unsupported_grant_type")
        return value


class Login(OAuthSerializer):
    """The password grant (RFC 6749 §4.3.2), by form or JSON."""

    username = TextField(plain=False, required=False, max_length=254)
    email = TextField(plain=False, required=False, max_length=254)
    password = SecretField(max_length=MAX_PASSWORD)
    delivery = ChoiceField(["body", "cookie"], default="body")

    def to_internal_value(self, data):
        """One name, under either word: without `email`, `username` is missing like any other field."""
        self.fields["username"].required = "email" not in data
        return super().to_internal_value(data)

    def validate(self, attrs):
        """Both words may only say the same."""
        email, username = attrs.get("email"), attrs.get("username")
        if email and username and email.lower() != username.lower():
            raise serializers.ValidationError(
                {"email": [serializers.ErrorDetail("Send username or email, not two different ones.", "invalid")]}
            )
        return attrs


class Refresh(OAuthSerializer):
    """The refresh grant (RFC 6749 §6)."""

    refresh_token = SecretField(required=False)


class Revoke(OAuthSerializer):
    """Revocation (RFC 7009 §2.1)."""

    token = SecretField(required=False)
    refresh_token = SecretField(required=False)
    token_type_hint = TextField(plain=False, required=False)


class Tokens(serializers.Serializer):
    """The answer to a sign-in or a refresh."""

    access_token = serializers.CharField()
    token_type = serializers.CharField(default="bearer")
    refresh_token = serializers.CharField(required=False, help_text="Left out when it is set as a cookie.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class MyTeam(serializers.Serializer):
    """A team of the caller's, with the caller's role."""

    id = serializers.UUIDField(source="team.id")
    name = serializers.CharField(source="team.name")
    role = serializers.CharField()


class Me(serializers.ModelSerializer):
    """The developer who is calling."""

    mfa_enabled = serializers.SerializerMethodField()
    pending_email = serializers.SerializerMethodField()
    teams = serializers.SerializerMethodField()

    class Meta:
        model = Developer
        fields = ("id", "email", "first_name", "last_name", "created_at", "updated_at", "mfa_enabled")
        fields += ("pending_email", "teams")

    def get_mfa_enabled(self, developer) -> bool:
        """Second factors come with the portal."""
        return False

    def get_pending_email(self, developer) -> str | None:
        """Changing the address comes with the portal."""
        return None

    @extend_schema_field(MyTeam(many=True))
    def get_teams(self, developer) -> list[dict]:
        """The caller's teams, oldest first."""
        memberships = developer.memberships.select_related("team").order_by("created_at", "pk")
        return list(MyTeam(memberships, many=True).data)


class MeChange(StrictSerializer):
    """What a developer may change of themselves."""

    first_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)
    last_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)


class PasswordChange(StrictSerializer):
    """A new password, with proof of the old one: counted like any other guess at it."""

    current_password = SecretField(max_length=MAX_PASSWORD)
    new_password = SecretField(max_length=MAX_PASSWORD)
    confirm_password = SecretField(max_length=MAX_PASSWORD, required=False)

    def validate_new_password(self, value):
        """The rules of AUTH_PASSWORD_VALIDATORS."""
        try:
            validate_password(value, self.context["request"].user)
        except DjangoValidationError as error:
            details = [serializers.ErrorDetail(e.messages[0], e.code or "invalid") for e in error.error_list]
            raise serializers.ValidationError(details) from error
        return value

    def validate(self, attrs):
        """The repeated password must be the same; then, and only then, is the old one hashed."""
        if attrs.get("confirm_password", attrs["new_password"]) != attrs["new_password"]:
            raise serializers.ValidationError(
                {"confirm_password": [serializers.ErrorDetail("The two passwords differ.", "password_mismatch")]}
            )
        developer = self.context["request"].user
        current = attrs["current_password"]
        if not attempts.check(developer.email, lambda: password_matches(developer, current)):
            raise serializers.ValidationError(
                {"current_password": [serializers.ErrorDetail("This is not your password.", "incorrect_password")]}
            )
        return attrs


class Message(serializers.Serializer):
    """A sentence for people."""

    message = serializers.CharField()


class Ended(serializers.Serializer):
    """How many sessions ended."""

    ended = serializers.IntegerField()


class SessionSerializer(serializers.ModelSerializer):
    """A sign-in of the caller's."""

    current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ("id", "kind", "created_at", "last_used_at", "expires_at", "ip", "user_agent", "current")

    def get_current(self, session) -> bool:
        """Whether this is the session that asks."""
        return session.pk == self.context["request"].auth.pk
