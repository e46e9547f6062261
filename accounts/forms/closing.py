"""Proof that it is the developer who closes the account."""

from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import PasswordField
from accounts.serializers import Closing
from protocol.forms import PlainForm, take_faults


class ClosingForm(PlainForm):
    """The password, by the rules of DELETE /auth/me; for the second factor the page has asked already."""

    password = PasswordField(_("Your password"), autocomplete="current-password")

    def __init__(self, *args, request, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)
        if not request.user.has_usable_password():  # signs in by passkey, and has just proved that
            del self.fields["password"]

    def clean(self):
        """Hashed only when there is one."""
        super().clean()
        if not self.errors and "password" in self.fields:
            rules = Closing(data=self.cleaned_data, context={"request": self.request, "factor_given": True})
            if not rules.is_valid():
                take_faults(self, rules)
        return self.cleaned_data
