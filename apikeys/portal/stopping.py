"""Stop a key: for good, or until it is enabled again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apikeys.forms import RevokeForm
from apikeys.impact import callers_of, impact_of
from apikeys.portal.one import key_of

LEAKED = "leaked"  # as the audit trail says it


@login_required
def key_revoke(request, key_id):
    """End a key for good, after what that breaks is said; asks for no password, for a leak must be stopped fast."""
    key = key_of(request, key_id)
    if key.revoked_at and request.method != "POST":
        messages.info(request, _("%(name)s is revoked already.") % {"name": key.name})
        return redirect("key-detail", key.pk)
    impact = impact_of([key])[key.pk]
    form = RevokeForm(request.POST if request.method == "POST" else None, key=key, impact=impact)
    if not form.is_valid():
        context = {"key": key, "form": form, "impact": impact, "callers": callers_of(key)}
        return render(request, "apikeys/key_revoke.html", context)
    key.revoke(by=request.user, reason=LEAKED if form.cleaned_data["leaked"] else "")
    # With its prefix: its successor, whose page may come next, has the same name.
    messages.success(request, _("%(name)s is revoked. Requests that use it now get 401.") % {"name": key})
    if (use := request.POST.get("then")) in ("unused", "never"):
        return redirect(f"{reverse('key-list')}?use={use}")
    return redirect("key-detail", key.replaced_by()) if key.replaced_by() else redirect("key-list")


@login_required
def key_disable(request, key_id):
    """Stop a key until it is enabled again."""
    key = key_of(request, key_id)
    if request.method == "POST":
        key.disable(by=request.user)
        said = _("%(name)s is disabled. Requests that use it get 401 until you enable it.")
        messages.success(request, said % {"name": key.name})
    return redirect("key-detail", key.pk)


@login_required
def key_enable(request, key_id):
    """Let a disabled key work again."""
    key = key_of(request, key_id)
    if request.method == "POST":
        key.enable(by=request.user)
        messages.success(request, _("%(name)s is enabled and works again.") % {"name": key.name})
    return redirect("key-detail", key.pk)
