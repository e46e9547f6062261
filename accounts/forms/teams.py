"""The forms of a team's page: its name, who is asked in, who is what; and of joining one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import HOW_LONG, PasswordField, check_new_password, name_field
from accounts.forms.profile import NamesForm
from accounts.models import Developer, Role
from accounts.models.team import rank
from accounts.serializers.teams import TEAM_NAME, TeamFields
from protocol.forms import PlainForm, take_faults

MEANING = {
    Role.OWNER: _("Owner: everything, owners included"),
    Role.ADMIN: _("Admin: members and keys"),
    Role.DEVELOPER: _("Developer: keys and people"),
    Role.VIEWER: _("Viewer: only reads"),
}


def roles_up_to(role: str) -> list:
    """The roles that somebody of this role may give, with what they mean; the lowest first."""
    return [(name.value, MEANING[name]) for name in reversed(Role) if rank(name) <= rank(role)]


class TeamForm(PlainForm):
    """What a team is called."""

    name = forms.CharField(label=_("Name"), max_length=TEAM_NAME)

    def clean(self):
        """The rules of POST /teams."""
        super().clean()
        if "name" in self.cleaned_data:
            rules = TeamFields(data={"name": self.cleaned_data["name"]})
            if not rules.is_valid():
                take_faults(self, rules)
        return self.cleaned_data


class InviteForm(PlainForm):
    """Who is asked in, as what."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args, role: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=roles_up_to(role), initial=Role.DEVELOPER)


class JoinForm(NamesForm):
    """The account of somebody who is asked in and has none."""

    first_name = name_field(_("First name (optional)"), "given-name")
    last_name = name_field(_("Last name (optional)"), "family-name")
    password = PasswordField(_("Password"), autocomplete="new-password", help_text=HOW_LONG)
    password_again = PasswordField(_("Password again"), autocomplete="new-password")

    field_order = ("first_name", "last_name", "password", "password_again")

    def __init__(self, *args, email: str, **kwargs):
        self.email = email
        super().__init__(*args, **kwargs)

    def clean(self):
        """The rules of every password, and the two the same."""
        super().clean()
        known = {"email": self.email, "first_name": self.cleaned_data.get("first_name", "")}
        check_new_password(self, "password", "password_again", Developer(**known))
        return self.cleaned_data
