"""Which keys the list shows."""

import re

from django import forms
from django.db.models import F
from django.db.models.functions import Lower

from accounts.models import Team
from apikeys.models import ApiKey
from apikeys.serializers import STATUSES
from protocol.forms import PlainForm
from protocol.masking import mask

# "Newest" is no order of these: it is the API's own, and its pages begin behind a key instead of at a number.
ORDERS = {
    "name": (Lower("name"), "pk"),
    "expiry": (F("expires_at").asc(nulls_last=True), "pk"),
}
PUBLIC_PART = re.compile(r"ow_(?:live|test)_[0-9A-Za-z]{12}")


class KeyFilter(PlainForm):
    """Which keys the list shows. What is not understood is left out rather than refused: a link may be old."""

    q = forms.CharField(
        label="Name or prefix",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-cuts-keys": "", "autocomplete": "off"}),
    )
    environment = forms.ChoiceField(choices=[("", "Live and test"), *ApiKey.Environment.choices], required=False)
    status = forms.ChoiceField(
        choices=[("", "Not revoked"), *[(word, word.capitalize()) for word in STATUSES], ("all", "All")],
        required=False,
    )
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="All teams")
    sort = forms.ChoiceField(choices=[("", "Newest first"), ("name", "Name"), ("expiry", "Expiry")], required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=1000, widget=forms.HiddenInput)

    def __init__(self, data, *, developer):
        super().__init__(data)
        teams = Team.objects.of(developer).order_by("created_at")
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        if len(teams) < 2:
            del self.fields["team"]

    def found(self, keys):
        """The keys that fit."""
        self.is_valid()
        wanted = self.cleaned_data
        keys = keys.matching(without_secret(wanted["q"])) if wanted.get("q") else keys
        if wanted.get("environment"):
            keys = keys.filter(environment=wanted["environment"])
        if wanted.get("team"):
            keys = keys.filter(team=wanted["team"])
        status = wanted.get("status")
        if not status:
            return keys.filter(revoked_at=None)
        return keys if status == "all" else keys.with_status(status)

    @property
    def order(self) -> tuple | None:
        """What the list is ordered by, if not by age; only after `found`."""
        return ORDERS.get(self.cleaned_data.get("sort") or "")


def without_secret(text: str) -> str:
    """What may be searched for, and stand in an address: a pasted key becomes its public part."""
    masked = mask(text)
    public = PUBLIC_PART.search(masked)
    return public[0] if public else masked
