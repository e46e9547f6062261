"""Second factors as they are asked for and set up."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import attempts, factors
from accounts.factors import LONGEST_NAME, codes
from accounts.models import Developer
from protocol.forms import PlainForm
from protocol.serializers import is_plain

LONGEST_CREDENTIAL = 16_000  # characters of what a browser says about a passkey
WRONG_CODE = _("This code is wrong, used or too old. Wait for the next one, or use a recovery code.")
WRONG_CODE_OF_NEW_APP = _("This is not the code that the app shows now. Is the clock of your device right?")
WRONG_PASSKEY = _("This passkey was not accepted. Try again, or use another way.")


class CodeField(forms.CharField):
    """A one-time code, in groups or without."""

    def __init__(self, **kwargs):
        attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        super().__init__(max_length=codes.LONGEST, widget=forms.TextInput(attrs=attrs), **kwargs)


class CodeForm(PlainForm):
    """A code of the authenticator app, or a recovery code."""

    begins_at = "code"
    code = CodeField(label=_("Code"), help_text=_("Six digits from your authenticator app, or a recovery code."))

    def __init__(self, *args, user: Developer, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)
        if not factors.of(user).filter(type=factors.Type.TOTP).exists():
            self.fields["code"].label, self.fields["code"].help_text = _("Recovery code"), ""

    def clean_code(self) -> str:
        """Counted like a guess at the password: who knows that must not guess this for ever."""
        code = self.cleaned_data["code"]
        if not attempts.check(self.user.email, lambda: codes.spend(self.user, code)):
            raise forms.ValidationError(WRONG_CODE, "incorrect_code")
        return code

    def save(self) -> None:
        """Let allauth's stages know."""
        record_authentication(context.request, self.user, "mfa", type="code")


class AppForm(PlainForm):
    """The first code of a new authenticator app; whether it is right, `factors.add_totp` says."""

    code = CodeField(label=_("Code"), help_text=_("The six digits that the app shows now."))

    def refuse(self) -> None:
        """Say that the code was wrong, where it is."""
        self.add_error("code", forms.ValidationError(WRONG_CODE_OF_NEW_APP, "incorrect_code"))
        self.fields["code"].widget.attrs["autofocus"] = True


class CredentialField(forms.JSONField):
    """What a browser says about a passkey: an object of bounded size."""

    widget = forms.HiddenInput

    def to_python(self, value):
        """Refuse what no browser sends, before a parser meets it."""
        if isinstance(value, str) and len(value) > LONGEST_CREDENTIAL:
            raise forms.ValidationError(WRONG_PASSKEY, "invalid")
        try:
            found = super().to_python(value)
        except RecursionError as error:
            raise forms.ValidationError(WRONG_PASSKEY, "invalid") from error
        if found is not None and not isinstance(found, dict):
            raise forms.ValidationError(WRONG_PASSKEY, "invalid")
        return found


@contextmanager
def strangers_bytes() -> Iterator[None]:
    """Whatever a library makes of an odd credential is a refusal in our words, and no bug."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
        NotImplementedError,
        forms.ValidationError,
        struct.error,
    ) as error:
        raise forms.ValidationError(WRONG_PASSKEY, "incorrect_code") from error


class PasskeyForm(AuthenticateWebAuthnForm):
    """A passkey of a developer who is known already: as the second step, or once more."""

    credential = CredentialField()

    def clean_credential(self):
        """allauth's, whatever is sent."""
        with strangers_bytes():
            return super().clean_credential()


class PasskeySignInForm(LoginWebAuthnForm):
    """A passkey that says itself whose it is."""

    credential = CredentialField()

    def clean_credential(self):
        """allauth's, whatever is sent; and nobody who may not sign in, nor whom the device did not verify.

        The challenge alone does not see to that: one that the second step left in the browser's session asks for less.
        """
        with strangers_bytes():
            authenticator = super().clean_credential()
            said = auth.parse_authentication_response(self.cleaned_data["credential"]).response
            if not said.authenticator_data.is_user_verified():
                raise ValueError("the device did not verify its user")
        if not authenticator.user.is_active:
            raise forms.ValidationError(WRONG_PASSKEY, "incorrect_code")
        return authenticator


class PasskeyNameForm(PlainForm):
    """What a passkey is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("By which you know it again, like “Laptop”."),
    )

    def clean_name(self) -> str:
        """Refuse what makes one name look like another."""
        name = self.cleaned_data["name"]
        if not is_plain(name):
            raise forms.ValidationError(_("Control and bidirectional characters are not allowed."), "invalid")
        return name


class NewPasskeyForm(PasskeyNameForm):
    """A passkey that the browser has just made; `credential` is put in by the script."""

    begins_at = "name"
    credential = CredentialField()

    def clean_credential(self) -> dict:
        """Check it against the browser's challenge, which is spent; the device must have verified its user."""
        credential = self.cleaned_data["credential"]
        with strangers_bytes():
            auth.parse_registration_response(credential)
            if not auth.complete_registration(credential).is_user_verified():
                raise ValueError("the device did not verify its user")
        return credential
