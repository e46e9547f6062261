"""Where one is signed in, in browsers and over the API: see it, end one, end all others."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import tokens
from accounts.models import Session
from protocol.pages import page_of, place_in

PAGE = 25  # sign-ins a page


@login_required
def sessions(request):
    """The live sign-ins, newest first; the one that looks stands above them on the first page."""
    place = place_in(request.GET)
    here = request.session_row
    live = Session.objects.of(request.user).live()
    others, cursor = page_of(live.exclude(pk=here.pk), PAGE, place)
    context = {
        "sessions": others if place else [here, *others],
        "others": len(others),
        "next": f"?{urlencode({'cursor': cursor})}" if cursor else "",
        "first": "?" if place else "",
    }
    return render(request, "accounts/sessions.html", context)


@login_required
def session_end(request, session_id):
    """End one of one's own sign-ins."""
    if request.method == "POST":
        session = get_object_or_404(Session.objects.of(request.user).select_related("developer"), pk=session_id)
        tokens.close(session, by=request.user)
        messages.success(request, _("That sign-in is over. Its tokens get 401 now."))
    return redirect("sessions")


@login_required
def sessions_end_others(request):
    """End every sign-in of one's own but this."""
    if request.method == "POST":
        ended = tokens.close_all(request.user, by=request.user, but=request.session_row, reason=Session.Reason.REVOKED)
        said = ngettext("%(ended)s other sign-in ended.", "%(ended)s other sign-ins ended.", ended) % {"ended": ended}
        messages.success(request, f"{said} {_('You stay signed in here.')}")
    return redirect("sessions")
