"""Stop several keys for good, in one step."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Team
from apikeys.forms import RevokeForm
from apikeys.impact import impact_of
from apikeys.models import ApiKey
from apikeys.portal.stopping import LEAKED

MOST = 200  # keys at once


@login_required
def keys_revoke(request):
    """Show what the end of the selected keys would break, and on the second press end them; asks for no password.

    One of them that is not one's own does not exist, and then nothing is done to the others either.
    """
    if request.method != "POST":
        return redirect("key-list")
    keys = _named(request, request.POST.getlist("shown" if "all" in request.POST else "key"))
    if not keys:
        messages.warning(request, _("Select the keys that you want to revoke first."))
        return redirect("key-list")
    sure = "sure" in request.POST or "leaked" in request.POST
    impacts = impact_of(keys)
    data = request.POST if sure else None
    forms = [RevokeForm(data, key=key, impact=impacts[key.pk], prefix=str(key.pk)) for key in keys]
    leaked = "leaked" in request.POST
    if not sure or not (leaked or all([form.is_valid() for form in forms])):
        return render(request, "apikeys/keys_revoke.html", {"forms": forms})
    with transaction.atomic():
        ended = sum(key.revoke(by=request.user, reason=LEAKED if leaked else "") for key in keys)
    said = ngettext(
        "%(ended)d key is revoked. Requests that use it now get 401.",
        "%(ended)d keys are revoked. Requests that use them now get 401.",
        ended,
    )
    messages.success(request, said % {"ended": ended})
    return redirect("key-list")


def _named(request, named: list[str]) -> list[ApiKey]:
    """The keys of these ids, in the order of their ids so that two such requests can't lock each other out."""
    try:
        ids = {uuid.UUID(ident) for ident in named[: MOST + 1]}
    except ValueError:
        raise Http404 from None
    keys = list(ApiKey.objects.of(request.user).filter(pk__in=ids).select_related("team").order_by("pk"))
    if len(keys) < len(ids) or len(named) > MOST:
        raise Http404
    managed = set(Team.objects.managed_by(request.user).values_list("pk", flat=True))
    if any(key.team_id not in managed for key in keys):
        raise PermissionDenied
    return keys
