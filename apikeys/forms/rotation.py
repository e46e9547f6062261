"""How a key is replaced."""

from django import forms

from apikeys.models import DEFAULT_OVERLAP, LONGEST_OVERLAP
from apikeys.serializers import Rotation
from protocol.forms import PlainForm, Radios, take_faults


class RotateForm(PlainForm):
    """How a key is replaced."""

    leaked = forms.ChoiceField(
        label="Has it leaked?",
        choices=[
            ("yes", "Yes, or maybe: stop the old key at once"),
            ("no", "No: let the old key work a while longer, so that nothing breaks"),
        ],
        widget=Radios,
    )
    overlap = forms.ChoiceField(
        label="How much longer",
        choices=[
            ("0", "Not at all"),
            ("3600", "1 hour"),
            (str(DEFAULT_OVERLAP), "24 hours"),
            (str(LONGEST_OVERLAP), "7 days"),
        ],
        initial=str(DEFAULT_OVERLAP),
        required=False,
    )

    def clean(self):
        """The rules of POST /api-keys/{id}/rotate."""
        super().clean()
        cleaned = self.cleaned_data
        if self.errors:
            return cleaned
        leaked = cleaned["leaked"] == "yes"
        said = {"compromised": leaked} if leaked else {"overlap_seconds": int(cleaned["overlap"] or DEFAULT_OVERLAP)}
        rules = Rotation(data=said)
        if not rules.is_valid():
            take_faults(self, rules, overlap_seconds="overlap", compromised="leaked")
            return cleaned
        return {**cleaned, **rules.validated_data}
