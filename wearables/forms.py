"""The forms of the people's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apikeys.forms import without_secret
from apikeys.models import ApiKey
from protocol.forms import NO_EMAIL, PlainForm, take_faults
from wearables.serializers import EndUserFields


class PeopleFilter(PlainForm):
    """Which people are shown. What is not understood is left out rather than refused: a link may be old."""

    q = forms.CharField(
        label=_("Name, e-mail or your id"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"type": "search", "data-cuts-keys": "", "autocomplete": "off"}),
    )
    environment = forms.ChoiceField(label=_("Environment"), choices=ApiKey.Environment.choices, required=False)

    def __init__(self, data):
        super().__init__(data, initial={"environment": "live"})
        self.is_valid()

    @property
    def in_environment(self) -> str:
        """The chosen environment; live, as everywhere, when none is."""
        return self.cleaned_data.get("environment") or "live"

    @property
    def text(self) -> str:
        """What is searched for; a pasted key only by its public part."""
        return without_secret(self.cleaned_data.get("q") or "")


def _text(label, longest: int, **options) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=longest, required=False, widget=widget, **options)


class PersonForm(PlainForm):
    """A person as the team describes them, by the rules of PATCH /users/{id}; all of it optional."""

    first_name = _text(_("First name"), 100)
    last_name = _text(_("Last name"), 100)
    email = _text(_("E-mail"), 254, error_messages={"invalid": NO_EMAIL})
    external_user_id = _text(_("Your id"), 255, help_text=_("What your own system calls this person."))

    def clean(self):
        """The API's own rules."""
        super().clean()
        rules = EndUserFields(data=self.cleaned_data)
        if not rules.is_valid():
            take_faults(self, rules)
            return self.cleaned_data
        return rules.validated_data

    def changed(self, person) -> dict:
        """What differs from the person as they are."""
        return {name: value for name, value in self.cleaned_data.items() if getattr(person, name) != value}
