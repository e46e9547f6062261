"""Who the first developer is."""

from django import forms

from accounts.forms.fields import HOW_LONG, PasswordField, check_new_password, name_field
from accounts.forms.profile import NamesForm
from accounts.models import Developer


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
