"""Whether somebody means it, before a key that is at work is ended."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apikeys.impact import Impact
from apikeys.models import NAME_LENGTH, ApiKey
from protocol.forms import PlainForm


class RevokeForm(PlainForm):
    """Nothing to fill in, but for a key that is in use: then its name, unless it leaked."""

    leaked = forms.BooleanField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Type its name to confirm"),
        max_length=NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data=None, *, key: ApiKey, impact: Impact, **kwargs):
        super().__init__(data, **kwargs)
        self.key, self.impact = key, impact
        if not impact.in_use:
            del self.fields["name"]

    def clean(self):
        """Stopping a leak is the fastest act there is; else the name is what is asked."""
        super().clean()
        cleaned = self.cleaned_data
        asked = "name" in self.fields and not cleaned.get("leaked")
        if asked and _words(cleaned.get("name", "")) != _words(self.key.name):
            self.add_error("name", _("That is not its name. The key was used within the last hour: look again."))
        return cleaned


def _words(text: str) -> list[str]:
    return text.casefold().split()
