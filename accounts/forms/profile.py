"""What a developer changes of the account: names, password."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import HOW_LONG, PasswordField, check_new_password, name_field
from accounts.look import LOOKS
from accounts.serializers import MeChange, PasswordChange
from protocol.forms import PlainForm, take_faults


class NamesForm(PlainForm):
    """What a developer is called."""

    first_name = name_field("First name", "given-name")
    last_name = name_field("Last name", "family-name")

    def clean(self):
        """The rules of PATCH /auth/me."""
        super().clean()
        cleaned = self.cleaned_data
        rules = MeChange(data={name: cleaned[name] for name in ("first_name", "last_name") if name in cleaned})
        if not rules.is_valid():
            take_faults(self, rules)
        else:
            cleaned.update(rules.validated_data)
        return cleaned


class LookForm(PlainForm):
    """How pages look in this browser."""

    look = forms.ChoiceField(label=_("Pages are"), choices=list(LOOKS.items()), widget=forms.RadioSelect)


class PasswordForm(PlainForm):
    """A new password, with proof of the old one."""

    current_password = PasswordField("Current password", autocomplete="current-password")
    new_password = PasswordField("New password", autocomplete="new-password", help_text=HOW_LONG)
    confirm_password = PasswordField("New password again", autocomplete="new-password")

    def __init__(self, *args, request, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)

    def clean(self):
        """The rules of POST /auth/change-password, where the old one is hashed only if all else is good."""
        super().clean()
        cleaned = self.cleaned_data
        check_new_password(self, "new_password", "confirm_password", self.request.user)
        if self.errors:
            return cleaned
        rules = PasswordChange(data=cleaned, context={"request": self.request})
        if not rules.is_valid():
            take_faults(self, rules)
        return cleaned


class EmailForm(PlainForm):
    """Another address to sign in with, with proof of the password."""

    email = forms.EmailField(
        label=_("New e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    current_password = PasswordField(_("Password"), autocomplete="current-password")

    def __init__(self, *args, request, **kwargs):
        self.request = request
        # The page asks for the password in two forms: each field needs an id of its own, or its label leads astray.
        super().__init__(*args, **{"auto_id": "email_%s", **kwargs})

    def clean(self):
        """The rules of PATCH /auth/me, where the password is hashed only if all else is good."""
        super().clean()
        if not self.errors:
            rules = MeChange(data=self.cleaned_data, context={"request": self.request}, partial=True)
            if not rules.is_valid():
                take_faults(self, rules)
        return self.cleaned_data
