"""What a key is made with, and what of it can be changed."""

from datetime import UTC, date, datetime, time, timedelta

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from apikeys.models import DESCRIPTION_LENGTH, NAME_LENGTH, ApiKey
from apikeys.scopes import ALL, READING, in_order
from apikeys.serializers import KeyChange, NewKey
from protocol.forms import PlainForm, Radios, Ticks, take_faults

DAY = 86400  # seconds
LAST_DAY = date(9999, 12, 30)
USUAL_TEST_LIFE = 90 * DAY
SPANS = [(str(30 * DAY), _("30 days")), (str(90 * DAY), _("90 days")), (str(365 * DAY), _("1 year"))]
ENDS = [*SPANS, ("custom", _("On a date…")), ("never", _("Never"))]
PLACES = {
    "expires_at": "expiry",
    "expires_in": "expiry",
    "rate_limit": "calls",
    "rate_limit_limit": "calls",
    "rate_limit_per_seconds": "per_seconds",
}


class KeyFields(PlainForm):
    """What both making and changing a key ask."""

    name = forms.CharField(
        label=_("Name"), max_length=NAME_LENGTH, help_text=_("What will use it, like: Production server")
    )
    description = forms.CharField(label=_("Description (optional)"), max_length=DESCRIPTION_LENGTH, required=False)
    scopes = forms.MultipleChoiceField(
        label=_("Chosen scopes"),
        choices=[(str(scope), format_lazy("{} ({})", capfirst(_(scope.sentence)), scope)) for scope in ALL],
        widget=Ticks,
        required=False,
    )
    expiry = forms.ChoiceField(label=_("Expires"), choices=ENDS)
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The key works to the end of this day, UTC."),
    )
    allowed_ips = forms.CharField(
        label=_("Addresses it may be used from (optional)"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One address or CIDR a line, like 203.0.113.7 or 10.0.0.0/8. Empty: from everywhere."),
    )
    calls = forms.IntegerField(label=_("Calls"), required=False, min_value=1)
    per_seconds = forms.IntegerField(label=_("Within (seconds)"), required=False, min_value=1)

    def _common(self, cleaned: dict) -> dict:
        """The API's words for what was typed, but for what has a fault already: so the rest still shows its own."""
        said = {name: cleaned[name] for name in ("name", "description") if name in cleaned}
        if "allowed_ips" in cleaned:
            said["allowed_ips"] = cleaned["allowed_ips"].replace(",", " ").split()
        if "calls" in cleaned and "per_seconds" in cleaned:
            calls, seconds = cleaned["calls"], cleaned["per_seconds"]
            if (calls is None) != (seconds is None):
                self.add_error("per_seconds" if calls else "calls", _("Say both numbers, or neither."))
            said["rate_limit"] = {"limit": calls, "per_seconds": seconds} if calls and seconds else None
        expiry = cleaned.get("expiry")
        if expiry == "custom":
            day = cleaned.get("expires_on")
            if day is None and "expires_on" not in self.errors:
                self.add_error("expires_on", _("Choose the day."))
            if day:
                said["expires_at"] = _end_of(day)
        elif expiry == "never":
            said["expires_at"] = None
        elif expiry and expiry.isdigit():
            said["expires_in"] = int(expiry)
        return said

    def _obey(self, rules) -> None:
        """Let the API's rules have the last word."""
        if not rules.is_valid():
            custom = self.cleaned_data.get("expiry") == "custom"
            take_faults(self, rules, **(PLACES | {"expires_at": "expires_on"} if custom else PLACES))


def _end_of(day: date) -> str:
    """The moment after a day's last; the calendar itself ends with 9999."""
    return (datetime.combine(min(day, LAST_DAY), time.min, UTC) + timedelta(days=1)).isoformat()


class KeyForm(KeyFields):
    """A new key."""

    environment = forms.ChoiceField(
        label=_("Environment"),
        choices=[("live", _("Live: real people")), ("test", _("Test: made-up people, apart from the real ones"))],
        widget=Radios,
        initial="live",
    )
    access = forms.ChoiceField(
        label=_("What it may do"),
        choices=[("all", _("Everything")), ("read", _("Read only")), ("chosen", _("Only what I choose"))],
        widget=Radios,
        help_text=_("Nothing is chosen for you. The less a key may do, the less a lost one costs."),
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), empty_label=None)

    field_order = ("name", "description", "team", "environment", "access", "scopes", "expiry", "expires_on")

    def __init__(self, *args, developer, team=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expiry"].choices = [("usual", _("Usual: live never, test 90 days")), *ENDS]  # type: ignore[attr-defined]
        self.fields["expiry"].help_text = _("Whatever you choose, rotate a live key about every 90 days.")
        teams = Team.objects.managed_by(developer).order_by("created_at")
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.initial.setdefault("team", team and team.pk)
        self.only_team = teams[0] if len(teams) == 1 else None
        if self.only_team:
            del self.fields["team"]

    def clean(self):
        """Put the answers in the API's words; what it makes of them is `issue`."""
        super().clean()
        cleaned = self.cleaned_data
        said = self._common(cleaned) | {"environment": cleaned.get("environment", "live")}
        if cleaned.get("expiry") == "usual" and said["environment"] == "test":
            said["expires_in"] = USUAL_TEST_LIFE
        if scopes := self._scopes(cleaned):
            said["scopes"] = scopes
        rules = NewKey(data=said)
        self._obey(rules)
        if not self.errors:
            self.issue = {**rules.validated_data, "team": self.only_team or cleaned["team"]}
        return cleaned

    def _scopes(self, cleaned: dict) -> list[str]:
        access, ticked = cleaned.get("access", ""), list(cleaned.get("scopes", []))
        wanted = {"all": in_order(ALL), "read": in_order(READING)}.get(access, ticked)
        if access == "chosen" and not ticked:
            self.add_error("scopes", _("Choose at least one."))
        elif ticked and access and set(ticked) != set(wanted):
            self.add_error("access", _("You ticked single scopes too: choose “Only what I choose”, or untick them."))
        return wanted


class KeyEditForm(KeyFields):
    """Another name, other limits for a key that is in use."""

    # What the form was filled from: else saving an old page would quietly give back what somebody has taken away since.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args, key: ApiKey, **kwargs):
        self.key = key
        now = {
            "name": key.name,
            "description": key.description,
            "scopes": key.scopes,
            "expiry": "keep",
            "allowed_ips": "\n".join(key.allowed_ips),
            "calls": key.rate_limit,
            "per_seconds": key.rate_seconds,
            "seen": key.updated_at.isoformat(),
        }
        super().__init__(*args, initial=now, **kwargs)
        self.fields["scopes"].label = _("What it may do")
        end = f"{key.expires_at:%-d %b %Y, %H:%M} UTC" if key.expires_at else _("never")
        self.fields["expiry"].choices = [("keep", _("As it is: %(end)s") % {"end": end}), *ENDS]  # type: ignore[attr-defined]
        if key.replaced_by():
            del self.fields["expiry"], self.fields["expires_on"]

    @property
    def is_stale(self) -> bool:
        """Whether the key was changed since the form was shown."""
        return self.cleaned_data.get("seen") != self.key.updated_at.isoformat()

    def clean(self):
        """What differs from the key as it is, as `changes`."""
        super().clean()
        cleaned = self.cleaned_data
        said = self._common(cleaned)
        if cleaned.get("scopes"):
            said["scopes"] = cleaned["scopes"]
        elif "scopes" not in self.errors:
            self.add_error("scopes", _("Choose at least one. To stop a key, disable or revoke it."))
        if "expires_in" in said:
            said["expires_at"] = (datetime.now(UTC) + timedelta(seconds=said.pop("expires_in"))).isoformat()
        rules = KeyChange(data=said)
        self._obey(rules)
        if not self.errors:
            wanted = rules.validated_data
            self.changes = {name: value for name, value in wanted.items() if value != getattr(self.key, name)}
            if "rate_limit" in self.changes or "rate_seconds" in self.changes:
                self.changes |= {name: wanted[name] for name in ("rate_limit", "rate_seconds")}
        return cleaned
