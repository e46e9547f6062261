"""Make a key, and change one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.current_team import current_team, my_teams
from accounts.models import Team
from accounts.reauthentication import ask, is_recent
from apikeys import once
from apikeys.drafts import password_then_here, put_back
from apikeys.forms import KeyEditForm, KeyForm
from apikeys.models import ApiKey
from apikeys.portal.one import fill_in, key_of, show_once, with_own_address
from apikeys.widening import widens
from protocol.problems import Conflict

SENT_ALREADY = _("That form was sent already, so nothing was made twice. A lost key can be rotated.")


@login_required
def key_create(request):
    """Make a key; the answer to the POST shows it, once."""
    if not Team.objects.managed_by(request.user).exists():
        raise PermissionDenied
    about = {"developer": request.user, "team": current_team(request)}
    if request.method != "POST":
        if not is_recent(request.session_row):
            return ask(request.path)
        draft = put_back(request)
        form = KeyForm.as_typed(draft, **about) if draft else KeyForm(**about)
        return _ask_for_key(request, form)
    if "add_address" in request.POST:
        return _ask_for_key(request, KeyForm.as_typed(with_own_address(request), **about))
    form = KeyForm(request.POST, **about)
    if not form.is_valid():
        return _ask_for_key(request, form)
    if not is_recent(request.session_row):
        return password_then_here(request, form)
    if not once.spend(request, request.POST.get("form", "")):
        messages.warning(request, SENT_ALREADY)
        return redirect("key-list")
    try:
        key, text = ApiKey.objects.issue(by=request.user, session=request.session_row, **form.issue)
    except Conflict as conflict:
        form.add_error(None, conflict.detail)
        return _ask_for_key(request, form)
    return show_once(request, key, text)


def _ask_for_key(request, form):
    context = {"number": once.new_form(request), "several_teams": len(my_teams(request)) > 1}
    return fill_in(request, "apikeys/key_new.html", form=form, **context)


@login_required
@transaction.atomic
def key_edit(request, key_id):
    """Change a key; it bites on the very next request. What lets it do more needs a recent password."""
    # Locked, for what lets it do more depends on what it may do at this moment.
    key = key_of(request, key_id, locked=request.method == "POST")
    if key.revoked_at:
        messages.warning(request, _("%(name)s is revoked: there is nothing left to change.") % {"name": key.name})
        return redirect("key-detail", key.pk)
    if request.method != "POST" or "add_address" in request.POST:
        typed = with_own_address(request) if request.method == "POST" else put_back(request)
        form = KeyEditForm.as_typed(typed, key=key) if typed else KeyEditForm(key=key)
        return fill_in(request, "apikeys/key_edit.html", form=form, key=key)
    form = KeyEditForm(request.POST, key=key)
    if form.is_valid():
        if form.is_stale:
            said = _("%(name)s was changed in the meantime. Nothing was saved: look again.")
            messages.warning(request, said % {"name": key.name})
            return redirect("key-edit", key.pk)
        if widens(key, form.changes) and not is_recent(request.session_row):
            return password_then_here(request, form)
        try:
            if form.changes:
                key.change(by=request.user, **form.changes)
        except Conflict as conflict:
            form.add_error(None, conflict.detail)
        else:
            said = _("%(name)s is saved. It holds from the next request on.")
            messages.success(request, said % {"name": key.name})
            return redirect("key-detail", key.pk)
    return fill_in(request, "apikeys/key_edit.html", form=form, key=key)
