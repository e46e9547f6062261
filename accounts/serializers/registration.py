"""What signing up and a forgotten password take."""

from accounts import reset
from accounts.serializers.account import LONGEST_NAME
from accounts.serializers.passwords import MAX_PASSWORD, newcomer, require_good
from protocol.serializers import EmailText, SecretField, StrictSerializer, TextField


class Registration(StrictSerializer):
    """A new account."""

    email = EmailText(max_length=254)
    password = SecretField(max_length=MAX_PASSWORD)
    first_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)
    last_name = TextField(required=False, allow_blank=True, max_length=LONGEST_NAME)

    def validate_password(self, value):
        """The rules of every password; it may not be made of the address or the name that come with it."""
        return require_good(value, newcomer(self.initial_data))


class Forgotten(StrictSerializer):
    """Whose password was forgotten."""

    email = EmailText(max_length=254)


class Reset(StrictSerializer):
    """The token of the mail and the new password."""

    token = SecretField(max_length=300)
    password = SecretField(max_length=MAX_PASSWORD)

    def validate_password(self, value):
        """The rules of every password; it may not be made of the address or the name of whose link this is."""
        token = self.initial_data.get("token")
        return require_good(value, reset.whose(token) if isinstance(token, str) else None)
