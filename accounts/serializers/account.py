"""What the endpoints of a developer's own account take and show."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import attempts, emails, factors
from accounts.backends import password_matches
from accounts.factors import codes
from accounts.models import Developer, Session
from accounts.serializers.passwords import MAX_PASSWORD, require_good
from protocol.serializers import EmailText, SecretField, StrictSerializer, TextField

LONGEST_NAME = 100


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
        """Whether signing in takes a second factor."""
        return factors.asks(developer)

    def get_pending_email(self, developer) -> str | None:
        """The address that waits for its link to be opened."""
        return emails.pending(developer)

    @extend_schema_field(MyTeam(many=True))
    def get_teams(self, developer) -> list[dict]:
        """The caller's teams, oldest first."""
        memberships = developer.memberships.select_related("team").order_by("created_at", "pk")
        return list(MyTeam(memberships, many=True).data)


class MeChange(StrictSerializer):
    """What a developer may change of themselves; another e-mail needs the password."""

    first_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)
    last_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)
    email = EmailText(required=False, max_length=254)
    current_password = SecretField(required=False, max_length=MAX_PASSWORD)

    def faults_between(self, value, sent):
        """An e-mail comes with the password, and the password with nothing else."""
        if "email" in sent and "current_password" not in sent:
            return {"current_password": serializers.ErrorDetail("This field is required.", "required")}
        if "current_password" in sent and "email" not in sent:
            said = "It is only needed to change the e-mail: leave it out."
            return {"current_password": serializers.ErrorDetail(said, "unknown_field")}
        return {}

    def validate(self, attrs):
        """All else is right: then, and only then, is the password hashed."""
        if "current_password" in attrs:
            require_password(self.context["request"].user, attrs.pop("current_password"), "current_password")
        return attrs


def require_password(developer: Developer, password: str, field: str) -> None:
    """Raise ValidationError at `field` for what is not the password: counted like any other guess at it."""
    if not attempts.check(developer.email, lambda: password_matches(developer, password)):
        raise serializers.ValidationError(
            {field: [serializers.ErrorDetail("This is not your password.", "incorrect_password")]}
        )


class Closing(StrictSerializer):
    """Proof that it is the developer who closes the account."""

    password = SecretField(max_length=MAX_PASSWORD)
    otp = SecretField(
        required=False,
        allow_blank=True,
        max_length=codes.LONGEST,
        help_text="A code of the authenticator app or a recovery code, where there is a second factor.",
    )

    def validate(self, attrs):
        """The password of whoever is signed in, and the code; a right password with a wrong code is a failure."""
        developer, otp = self.context["request"].user, attrs.get("otp", "")
        asked = factors.asks(developer) and not self.context.get("factor_given")
        missing = asked and not otp
        faults: dict = {}

        def matches() -> bool:
            if not password_matches(developer, attrs["password"]):
                faults["password"] = [serializers.ErrorDetail("This is not your password.", "incorrect_password")]
            elif asked and otp and not codes.spend(developer, otp):
                faults["otp"] = [serializers.ErrorDetail("This code is not good, or not any more.", "incorrect_code")]
            return not faults

        if attempts.check(developer.email, matches) and missing:
            faults["otp"] = [serializers.ErrorDetail("Your account has a second factor: send a code.", "required")]
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class Closed(serializers.Serializer):
    """What becomes of a closed account."""

    message = serializers.CharField()
    erased_at = serializers.DateTimeField(help_text="Until then it can be undone by the link in the mail.")


class PasswordChange(StrictSerializer):
    """A new password, with proof of the old one: counted like any other guess at it."""

    current_password = SecretField(max_length=MAX_PASSWORD)
    new_password = SecretField(max_length=MAX_PASSWORD)
    confirm_password = SecretField(max_length=MAX_PASSWORD, required=False)

    def validate_new_password(self, value):
        """The rules of AUTH_PASSWORD_VALIDATORS."""
        return require_good(value, self.context["request"].user)

    def faults_between(self, value, sent):
        """The repeated password must be the same, good or not."""
        if sent.get("confirm_password", sent.get("new_password")) != sent.get("new_password"):
            return {"confirm_password": serializers.ErrorDetail("The two passwords differ.", "password_mismatch")}
        return {}

    def validate(self, attrs):
        """All else is right: then, and only then, is the old one hashed."""
        require_password(self.context["request"].user, attrs["current_password"], "current_password")
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
