"""Which requests the page shows."""

from datetime import UTC, datetime, time

from django import forms
from django.utils.translation import gettext_lazy as _

from apikeys.explaining.codes import CODES
from apikeys.forms.listing import PUBLIC_PART, without_secret
from apikeys.models import ApiKey
from protocol.forms import PlainForm
from protocol.ids import NOBODY, read_id

SPANS = {"ok": (100, 399), "refused": (400, 599)}
STATUSES = (401, 403, 404, 409, 422, 429, 500, 503)


def _day(label) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class RequestFilter(PlainForm):
    """Which requests are shown. What is not understood is left out rather than refused: a link may be old.

    Days are whole days in UTC, the last one included.
    """

    key = forms.CharField(
        label=_("Key (prefix or id)"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-cuts-keys": "", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            ("", _("All")),
            ("ok", _("As asked")),
            ("refused", _("Refused or failed")),
            *((str(status), str(status)) for status in STATUSES),
        ],
        required=False,
    )
    code = forms.ChoiceField(
        label=_("Code"), choices=[("", _("All")), *((code, code) for code in sorted(CODES))], required=False
    )
    since = _day(_("From"))
    until = _day(_("To"))

    def wanted(self, team) -> dict:
        """The arguments of `RequestRecord.objects.asked`."""
        self.is_valid()
        said = {name: value for name, value in self.cleaned_data.items() if value}
        if "key" in said:
            said["key"] = _key(said["key"].strip(), team)
        if "status" in said:
            said["status"] = SPANS.get(said["status"]) or int(said["status"])
        for name, hour in (("since", time.min), ("until", time.max)):  # not the day after: the last has none
            if name in said:
                said[name] = datetime.combine(said[name], hour, UTC)
        return said


def _key(text: str, team):
    """The id of the key of this team that is meant; of what is none, the id that nothing has."""
    if found := read_id(text):
        return found
    public = without_secret(text)
    if not PUBLIC_PART.fullmatch(public):
        return NOBODY
    keys = ApiKey.objects.filter(team_id=team and team.pk).matching(public)
    return keys.values_list("pk", flat=True).first() or NOBODY
