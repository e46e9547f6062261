"""Signing up, and a forgotten password."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import HOW_LONG, PasswordField, check_new_password, name_field
from accounts.forms.profile import NamesForm
from accounts.models import Developer
from protocol.forms import PlainForm


def email_field() -> forms.EmailField:
    """An address."""
    return forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class SignUpForm(NamesForm):
    """A new account."""

    begins_at = "email"
    email = email_field()
    first_name = name_field(_("First name (optional)"), "given-name")
    last_name = name_field(_("Last name (optional)"), "family-name")
    password = PasswordField(_("Password"), autocomplete="new-password", help_text=HOW_LONG)

    field_order = ("email", "first_name", "last_name", "password")

    def clean(self):
        """The rules of every password."""
        super().clean()
        known = {name: self.cleaned_data.get(name, "") for name in ("email", "first_name")}
        check_new_password(self, "password", "password", Developer(**known))
        return self.cleaned_data


class AddressForm(PlainForm):
    """An address that a mail should go to."""

    begins_at = "email"
    email = email_field()


class NewPasswordForm(PlainForm):
    """A new password, by the link of the mail."""

    begins_at = "password"
    password = PasswordField(_("New password"), autocomplete="new-password", help_text=HOW_LONG)
    password_again = PasswordField(_("New password again"), autocomplete="new-password")

    def __init__(self, *args, developer: Developer, **kwargs):
        self.developer = developer
        super().__init__(*args, **kwargs)

    def clean(self):
        """The rules of every password, and the two the same."""
        super().clean()
        check_new_password(self, "password", "password_again", self.developer)
        return self.cleaned_data
