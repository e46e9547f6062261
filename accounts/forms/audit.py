"""Which events the audit page shows."""

from datetime import UTC, datetime, time
from functools import cache

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, Developer
from accounts.models.audit import Action
from accounts.trail import words_for
from protocol.forms import PlainForm
from protocol.ids import read_id
from protocol.masking import mask

MINE, TEAMS = "mine", "team"


def _actions() -> list[tuple[str, str]]:
    """Every action, by its words."""
    return _actions_in(get_language())


@cache
def _actions_in(language: str | None) -> list[tuple[str, str]]:
    """Translated and sorted once for all: there are some sixty, and each form asks twice."""
    words = sorted((words_for(action), action.value) for action in Action)
    return [("", str(_("Everything"))), *((value, said) for said, value in words)]


def _day(label) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class AuditFilter(PlainForm):
    """Which events are shown. What is not understood is left out rather than refused: a link may be old.

    Days are whole days in UTC, the last one included. `actor` is an e-mail or an id, `target` an id.
    """

    action = forms.ChoiceField(label=_("What"), choices=_actions, required=False)
    about = forms.ChoiceField(
        label=_("Whose"),
        choices=[("", _("Both")), (TEAMS, _("The team’s")), (MINE, _("Mine"))],
        required=False,
    )
    actor = forms.CharField(
        label=_("Who (e-mail or id)"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    since = _day(_("From"))
    until = _day(_("To"))
    target = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, sees_the_team: bool):
        super().__init__(data)
        if not sees_the_team:
            del self.fields["about"]
        self.is_valid()

    def whose(self, sources: list[QuerySet]) -> list[QuerySet]:
        """Of `accounts.trail.sources`: the team's stands first, where there is one."""
        about = self.cleaned_data.get("about")
        if about == TEAMS:
            return sources[:1]
        return sources[1:] if about == MINE else sources

    def found(self, sources: list[QuerySet]) -> list[QuerySet]:
        """The events that fit."""
        said = self.cleaned_data
        wanted: dict = {}
        if said.get("action"):
            wanted["action"] = said["action"]
        if said.get("actor"):
            wanted["actor_id"] = self._actor(said["actor"])
        if said.get("target"):
            wanted["target_id"] = said["target"]
        if said.get("since"):
            wanted["at__gte"] = datetime.combine(said["since"], time(), UTC)
        if said.get("until"):
            wanted["at__lte"] = datetime.combine(said["until"], time.max, UTC)  # no day comes after the last
        return [rows.filter(**wanted) for rows in self.whose(sources)]

    @staticmethod
    def _actor(text: str):
        """The id of who is meant; of an address that nobody has, or that is not to be known, what nothing has."""
        key = read_id(text.strip())
        if key is None:
            email = Developer.objects.normalize_email(mask(text))
            key = Developer.objects.filter(email=email).values_list("pk", flat=True).first()
        return key or AuditEvent().pk
