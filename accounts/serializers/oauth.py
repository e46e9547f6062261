"""What the three OAuth 2 endpoints take and show."""

from rest_framework import serializers

from accounts import cookies
from accounts.factors import codes
from accounts.serializers.passwords import MAX_PASSWORD
from protocol.serializers import ChoiceField, SecretField, StrictSerializer, TextField


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
    otp = SecretField(required=False, allow_blank=True, max_length=codes.LONGEST)
    delivery = ChoiceField(["body", "cookie"], default="body")

    def faults_between(self, value, sent):
        """One name, under either word; both may only say the same."""
        if "email" not in sent and "username" not in sent:
            return {"username": serializers.ErrorDetail("This field is required.", "required")}
        email, username = value.get("email"), value.get("username")
        if email and username and email.lower() != username.lower():
            return {"email": serializers.ErrorDetail("Send username or email, not two different ones.", "invalid")}
        return {}


class TokenSerializer(OAuthSerializer):
    """A token in one of the fields `names`, or as the cookie: one, and only one."""

    names: tuple[str, ...]

    def faults_between(self, value, sent):
        """None, two, and both ways are faults of the last name."""
        given = {value[name] for name in self.names if name in value}
        cookie = cookies.read(self.context["request"]._request)
        if given and cookie:
            fault = serializers.ErrorDetail("Send the token in the body or as the cookie, not both.", "invalid")
        elif len(given) > 1:
            fault = serializers.ErrorDetail("Send one token, not two.", "invalid")
        elif not cookie and not any(name in sent for name in self.names):
            fault = serializers.ErrorDetail("This field is required.", "required")
        else:
            return {}
        return {self.names[-1]: fault}


class Refresh(TokenSerializer):
    """The refresh grant (RFC 6749 §6)."""

    names = ("refresh_token",)
    refresh_token = SecretField(required=False)


class Revoke(TokenSerializer):
    """Revocation (RFC 7009 §2.1)."""

    names = ("refresh_token", "token")
    token = SecretField(required=False)
    refresh_token = SecretField(required=False)
    token_type_hint = TextField(plain=False, required=False)


class Tokens(serializers.Serializer):
    """The answer to a sign-in or a refresh."""

    access_token = serializers.CharField()
    token_type = serializers.CharField(default="bearer")
    refresh_token = serializers.CharField(required=False, help_text="Left out when it is set as a cookie.")
    expires_in = serializers.IntegerField(help_text="Seconds.")
