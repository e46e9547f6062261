"""The security page: how one signs in, and what happened lately; recovery codes, and a session for programs."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import factors, reauthentication, tokens, trail
from accounts.models import Session
from accounts.models.audit import Action
from accounts.templatetags.agents import device
from protocol.problems import Conflict

SHOWN = 10  # events
FEW_CODES = 3
EVENTS = (
    Action.PASSWORD_CHANGED,
    Action.FACTOR_ADDED,
    Action.FACTOR_REMOVED,
    Action.FACTORS_REMOVED,
    Action.RECOVERY_CODES_MADE,
    Action.RECOVERY_CODES_VOIDED,
    Action.RECOVERY_CODE_USED,
    Action.SESSION_OPENED,
    Action.SESSION_REPLAYED,
    Action.SESSIONS_CLOSED,
    Action.SIGN_INS_LIMITED,
)


@login_required
def security(request):
    """What guards the account."""
    found = list(factors.of(request.user))
    mine = [rows.filter(action__in=EVENTS) for rows in trail.sources(request.user, None)]
    events, _following = trail.page(mine, SHOWN)
    context = {
        "app": next((factor for factor in found if factor.type == factors.Type.TOTP), None),
        "passkeys": [factor for factor in found if factor.type == factors.Type.WEBAUTHN],
        "codes_left": factors.recovery_codes_left(request.user),
        "few": FEW_CODES,
        "asks": any(factor.type != factors.Type.RECOVERY_CODES for factor in found),
        "lines": [_line(event) for event in events],
    }
    return render(request, "accounts/security.html", context)


def _line(event) -> dict:
    """An event in words."""
    known = device(event.agent) if event.agent else ""
    return {"event": event, "what": trail.words_for(event.action), "device": known}


def show_codes(request, codes: list[str]):
    """The answer to the POST that made them: they are never shown again."""
    shown = [f"{code[:5]} {code[5:]}" for code in codes]
    return render(request, "accounts/recovery_codes.html", {"codes": shown, "text": "\n".join(shown)})


@login_required
def recovery_codes(request):
    """New recovery codes; the old ones are good no more."""
    if request.method != "POST":
        return redirect("security")
    if not reauthentication.is_recent(request.session_row):
        return reauthentication.ask(reverse("security"))
    try:
        return show_codes(request, factors.make_recovery_codes(request.user, by=request.user))
    except Conflict as conflict:
        messages.error(request, conflict.detail)
        return redirect("security")


@login_required
def recovery_codes_file(request):
    """The codes on the page before, as a file: sent along, for nobody here keeps them so that they can be read."""
    codes = re.findall(r"\d{5} \d{5}", request.POST.get("codes", "")[:500])
    if request.method != "POST" or not codes:
        return redirect("security")
    lines = [_("Recovery codes of %(email)s; each is good once.") % {"email": request.user.email}, "", *codes, ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="open-wearables-recovery-codes.txt"'
    return response


@login_required
def api_session(request):
    """A session for a program of one's own: how somebody without a password or code at hand gets tokens."""
    if not reauthentication.is_recent(request.session_row):
        return reauthentication.ask(request.path)
    if request.method != "POST":
        return render(request, "accounts/api_session.html")
    request.user.gave_factor = request.session_row.factor_at is not None
    session = tokens.open_session(request.user, request, Session.Kind.API)
    return render(request, "accounts/api_session_made.html", {"pair": tokens.pair_for(session), "session": session})
