"""One person: what is held of them; change it, hand it out, delete it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.models import Team
from accounts.models.team import MANAGING
from protocol.downloads import json_file
from protocol.problems import Conflict
from wearables.export import everything_about
from wearables.forms import PersonForm
from wearables.models import EndUser

FIELDS = ("first_name", "last_name", "email", "external_user_id")


def _person(request, user_id, *, managing: bool = False) -> EndUser:
    """A person of one's teams: 404 for any other, then 403 for a viewer who would change them."""
    mine = EndUser.objects.filter(team__in=Team.objects.of(request.user)).select_related("team")
    found = get_object_or_404(mine, pk=user_id)
    if managing and request.user.role_in(found.team_id) not in MANAGING:
        raise PermissionDenied
    return found


@login_required
def person(request, user_id):
    """All that is held of one person."""
    found = _person(request, user_id)
    managing = request.user.role_in(found.team_id) in MANAGING
    return render(request, "wearables/person.html", {"person": found, "managing": managing})


@login_required
def person_edit(request, user_id):
    """Change what is said of a person."""
    found = _person(request, user_id, managing=True)
    said = {name: getattr(found, name) or "" for name in FIELDS}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=said)
    if form.is_valid():
        try:
            if changed := form.changed(found):
                found.change(by=request.user, **changed)
        except Conflict as conflict:
            form.add_error(None, conflict.detail)
        else:
            messages.success(request, _("Saved. Your programs see it on their next request."))
            return redirect("person", found.pk)
    return render(request, "wearables/person_edit.html", {"form": form, "person": found})


@login_required
def person_delete(request, user_id):
    """Delete a person and all that is held of them, after one question."""
    found = _person(request, user_id, managing=True)
    if request.method != "POST":
        return render(request, "wearables/person_delete.html", {"person": found})
    found.erase(by=request.user)
    messages.success(request, _("Deleted, with all that was held of them. Requests for them now get 404."))
    return redirect("people")


@login_required
def person_export(request, user_id):
    """All that is held of a person, as a file to hand to them."""
    found = _person(request, user_id)
    return json_file(f"person-{found.pk}", everything_about(found))
