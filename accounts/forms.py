"""The forms of a developer's own pages."""

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password

from accounts import attempts
from accounts.backends import password_matches
from accounts.models import Developer
from accounts.serializers import LONGEST_NAME, MAX_PASSWORD, MeChange, PasswordChange
from protocol.forms import PlainForm, take_faults

HOW_LONG = f"At least {settings.PASSWORD_MIN_LENGTH} characters. A few words in a row are good, and easy to remember."


class PasswordField(forms.CharField):
    """A password: never trimmed, never sent back."""

    def __init__(self, label: str, *, autocomplete: str, **kwargs):
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, strip=False, max_length=MAX_PASSWORD, widget=widget, **kwargs)


def name_field(label: str, autocomplete: str) -> forms.CharField:
    """A first or last name."""
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=LONGEST_NAME, required=False, widget=widget)


def check_new_password(form: forms.Form, name: str, again: str, developer: Developer) -> None:
    """The rules of every password, and the two the same: each said though the other fails."""
    password, repeated = form.cleaned_data.get(name), form.cleaned_data.get(again)
    if password:
        try:
            validate_password(password, developer)
        except forms.ValidationError as error:
            form.add_error(name, error)
    if password and repeated and password != repeated:
        form.add_error(again, forms.ValidationError("The two passwords differ.", "password_mismatch"))


class SignInForm(PlainForm, LoginForm):
    """allauth's, in our words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


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


class ConfirmForm(PlainForm):
    """The password once more."""

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


class FirstOwnerForm(NamesForm):
    """Who the first developer is."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    first_name = name_field("First name (optional)", "given-name")
    last_name = name_field("Last name (optional)", "family-name")
    password = PasswordField("Password", autocomplete="new-password", help_text=HOW_LONG)
    password_again = PasswordField("Password again", autocomplete="new-password")

    field_order = ("email", "first_name", "last_name", "password", "password_again")

    def clean(self):
        """The rules of every password, and the two the same."""
        super().clean()
        known = {name: self.cleaned_data.get(name, "") for name in ("email", "first_name")}
        check_new_password(self, "password", "password_again", Developer(**known))
        return self.cleaned_data
