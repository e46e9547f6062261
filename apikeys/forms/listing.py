"""Which keys the list shows."""

import re

from django import forms
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apikeys.models import STATUS_WORDS, ApiKey
from protocol.forms import PlainForm
from protocol.masking import mask

# "Newest" is no order of these: it is the API's own, and its pages begin behind a key instead of at a number.
ORDERS = {
    "name": (Lower("name"), "pk"),
    "expiry": (F("expires_at").asc(nulls_last=True), "pk"),
    "used": (F("last_used_at").desc(nulls_last=True), "pk"),
}
PUBLIC_PART = re.compile(r"ow_(?:live|test)_[0-9A-Za-z]{12}")


class KeyFilter(PlainForm):
    """Which keys the list shows. What is not understood is left out rather than refused: a link may be old."""

    q = forms.CharField(
        label=_("Name or prefix"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-cuts-keys": "", "autocomplete": "off"}),
    )
    environment = forms.ChoiceField(
        label=_("Environment"), choices=[("", _("Live and test")), *ApiKey.Environment.choices], required=False
    )
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("Not revoked")), *STATUS_WORDS.items(), ("all", _("All"))],
        required=False,
    )
    use = forms.ChoiceField(
        label=_("Use"),
        choices=[
            ("", _("Used or not")),
            ("unused", _("Unused 90 days")),
            ("never", _("Never used")),
            ("refused", _("Refused often")),
            ("expiring", _("Expiring soon")),
            ("left", _("Its maker left")),
        ],
        required=False,
    )
    sort = forms.ChoiceField(
        label=_("Sort"),
        choices=[
            ("", _("Newest first")),
            ("name", _("Name")),
            ("used", _("Last used")),
            ("expiry", _("Expiry")),
        ],
        required=False,
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=4000, widget=forms.HiddenInput)

    def found(self, team, teams):
        """The keys of a team (None for nobody's) that fit.

        A whole prefix finds its key whatever else is asked: a revoked one, and one of another of one's `teams`.
        """
        self.is_valid()
        wanted = self.cleaned_data
        text = without_secret(wanted.get("q") or "")
        if PUBLIC_PART.fullmatch(text):
            return ApiKey.objects.filter(team_id__in=[team.pk for team in teams]).matching(text)
        # By the team's id, so that the index on a team's newest keys serves the page.
        keys = ApiKey.objects.filter(team_id=team and team.pk)
        keys = keys.matching(text) if text else keys
        if wanted.get("environment"):
            keys = keys.filter(environment=wanted["environment"])
        if wanted.get("use"):
            keys = keys.that_need_a_look(wanted["use"])
        status = wanted.get("status")
        if not status:
            return keys.filter(revoked_at=None)
        return keys if status == "all" else keys.with_status(status)

    @property
    def is_of_unused(self) -> bool:
        """Whether the list is of keys that nobody uses; only after `found`."""
        return self.cleaned_data.get("use") in ("unused", "never")

    @property
    def order(self) -> tuple | None:
        """What the list is ordered by, if not by age; only after `found`."""
        return ORDERS.get(self.cleaned_data.get("sort") or "")


def without_secret(text: str) -> str:
    """What may be searched for, and stand in an address: a pasted key becomes its public part."""
    masked = mask(text)
    public = PUBLIC_PART.search(masked)
    return public[0] if public else masked
