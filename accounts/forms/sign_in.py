"""Signing in, and the password once more."""

from allauth.account.forms import LoginForm
from django import forms

from accounts import attempts
from accounts.backends import password_matches
from accounts.forms.fields import PasswordField
from accounts.models import Developer
from protocol.forms import PlainForm


class SignInForm(PlainForm, LoginForm):
    """allauth's, in our words."""

    begins_at = "login"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ConfirmForm(PlainForm):
    """The password once more."""

    begins_at = "password"
    password = PasswordField("Password", autocomplete="current-password")

    def __init__(self, *args, developer: Developer, **kwargs):
        self.developer = developer
        super().__init__(*args, **kwargs)

    def clean_password(self):
        """Counted like a guess at any other door."""
        password = self.cleaned_data["password"]
        if not attempts.check(self.developer.email, lambda: password_matches(self.developer, password)):
            raise forms.ValidationError("This is not your password.", "incorrect_password")
        return password
