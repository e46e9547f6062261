"""Replace a key."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.reauthentication import ask, is_recent
from apikeys.drafts import password_then_here, put_back
from apikeys.forms import RotateForm
from apikeys.models import STATUS_WORDS
from apikeys.portal.one import key_of, show_once
from protocol.problems import Conflict


@login_required
def key_rotate(request, key_id):
    """Replace a key: first, has it leaked?"""
    key = key_of(request, key_id)
    if key.replaced_by() or key.status != "active":
        said = _("%(name)s was rotated already. Nothing was made.")
        if not key.replaced_by():
            said = _("%(name)s is %(status)s and can’t be rotated. Nothing was made.")
        messages.warning(request, said % {"name": key.name, "status": str(STATUS_WORDS[key.status]).lower()})
        return redirect("key-detail", key.pk)
    if request.method != "POST":
        if not is_recent(request.session_row):
            return ask(request.path)
        draft = put_back(request)
        form = RotateForm.as_typed(draft, key=key) if draft else RotateForm(key=key)
        return render(request, "apikeys/key_rotate.html", {"form": form, "key": key})
    form = RotateForm(request.POST, key=key)
    if not is_recent(request.session_row):
        return password_then_here(request, form)
    if not form.is_valid():
        return render(request, "apikeys/key_rotate.html", {"form": form, "key": key})
    try:
        successor, text = key.rotate(
            by=request.user,
            session=request.session_row,
            overlap=form.cleaned_data["overlap_seconds"],
            compromised=form.cleaned_data["compromised"],
            expires_at=form.cleaned_data["expires_at"],
        )
    except Conflict as conflict:
        messages.warning(request, conflict.detail)
        return redirect("key-detail", key.pk)
    return show_once(request, successor, text, replaces=key)
