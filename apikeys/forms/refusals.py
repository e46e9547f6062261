"""What is pasted to find out why a call was refused."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from protocol.forms import PlainForm
from protocol.ids import REQUEST_ID
from protocol.masking import mask

WITHIN = re.compile(rf"(?:request_id\"?|x-request-id)\s*[:=]\s*\"?({REQUEST_ID.pattern})", re.IGNORECASE)
CREDENTIAL = re.compile(r"(?<![0-9A-Za-z])(?:ow_(?:live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]+|eyJ[\w.-]+)")
MOST = 8192  # characters: a whole answer may be pasted


class Forgetful(forms.TextInput):
    """A field that does not show again what was typed."""

    def format_value(self, value):
        """Nothing."""


class RefusalForm(PlainForm):
    """A request id, or an answer that holds one. What is not one is never shown again: it may be a secret."""

    pasted = forms.CharField(
        label=_("Request id"),
        max_length=MOST,
        widget=Forgetful(attrs={"autocomplete": "off", "spellcheck": "false", "aria-describedby": "pasted-help"}),
        error_messages={"max_length": _("This is too long: paste the request id alone.")},
    )
    begins_at = "pasted"

    @staticmethod
    def credential_in(text: str) -> str:
        """The key or token that was pasted, by mistake; '' for none."""
        text = text.strip().strip("'\"")
        if text.startswith(("ow_", "eyJ")):
            return text
        found = CREDENTIAL.search(text)
        return found[0] if found else ""

    def clean_pasted(self) -> str:
        """The request id that stands in it."""
        text = self.cleaned_data["pasted"]
        found = WITHIN.search(text)
        text = found[1] if found else text
        if not REQUEST_ID.fullmatch(text) or mask(text) != text:
            raise forms.ValidationError(
                _("This is no request id: those are letters, digits, “.”, “_” and “-”, 64 at most.")
            )
        return text
