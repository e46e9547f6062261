"""How a key is replaced."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from apikeys.forms.key import SPANS, USUAL_TEST_LIFE
from apikeys.models import DEFAULT_OVERLAP, LONGEST_OVERLAP, ApiKey
from apikeys.serializers import Rotation
from protocol.forms import PlainForm, Radios, take_faults


class RotateForm(PlainForm):
    """How a key is replaced."""

    leaked = forms.ChoiceField(
        label=_("Has it leaked?"),
        choices=[
            ("yes", _("Yes, or maybe: stop the old key at once")),
            ("no", _("No: let the old key work a while longer, so that nothing breaks")),
        ],
        widget=Radios,
        error_messages={"required": _("Choose one.")},
    )
    overlap = forms.ChoiceField(
        label=_("How much longer"),
        choices=[
            ("0", _("Not at all")),
            ("3600", _("1 hour")),
            (str(DEFAULT_OVERLAP), _("24 hours")),
            (str(LONGEST_OVERLAP), _("7 days")),
        ],
        initial=str(DEFAULT_OVERLAP),
        required=False,
    )
    expiry = forms.ChoiceField(label=_("The new key expires"), choices=[*SPANS, ("never", _("Never"))], required=False)

    def __init__(self, *args, key: ApiKey, **kwargs):
        super().__init__(*args, **kwargs)
        # A key made here lasts as long as one made on "New key"; the old one's end may be near, and is not copied.
        self.usual = str(USUAL_TEST_LIFE) if key.environment == ApiKey.Environment.TEST else "never"
        self.initial.setdefault("expiry", self.usual)

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
        expiry = cleaned.get("expiry") or self.usual
        end = None if expiry == "never" else datetime.now(UTC) + timedelta(seconds=int(expiry))
        return {**cleaned, **rules.validated_data, "expires_at": end}
