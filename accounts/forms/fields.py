"""Names and passwords, as every form asks for them."""

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password

from accounts.models import Developer
from accounts.serializers import LONGEST_NAME, MAX_PASSWORD

HOW_LONG = f"At least {settings.PASSWORD_MIN_LENGTH} characters. A few words in a row are good, and easy to remember."


class PasswordField(forms.CharField):
    """A password: never trimmed, never sent back."""

    def __init__(self, label, *, autocomplete: str, **kwargs):
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, strip=False, max_length=MAX_PASSWORD, widget=widget, **kwargs)


def name_field(label, autocomplete: str) -> forms.CharField:
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
