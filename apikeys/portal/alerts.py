"""What was unusual in the current team: when, from where, what to do; and of what nobody wants mail any more."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import alerts
from accounts.current_team import current_team
from accounts.models import Alert
from accounts.models.team import MANAGING
from apikeys.models import ApiKey
from apikeys.unusual import words_for
from protocol.pages import page_of, place_in
from protocol.pruning import id_at

PAGE = 25  # alerts a page


def lines_of(found: list[Alert]) -> list[dict]:
    """Alerts in words, each with its key: one query for all keys."""
    keys = ApiKey.objects.in_bulk([alert.key_id for alert in found if alert.key_id])
    return [{"alert": alert, "words": words_for(alert), "key": keys.get(alert.key_id)} for alert in found]


@login_required
def alert_list(request):
    """The alerts of the current team, newest first; whoever looks at the first page has seen them."""
    team = current_team(request)
    place = place_in(request.GET)
    found, cursor = page_of(Alert.objects.filter(team=team).with_mutes(), PAGE, place)
    seen_until = id_at(team.alerts_seen) if team else None
    if team and not place:
        alerts.note_seen(team, by=request.user)
    context = {
        "lines": [line | {"new": line["alert"].pk > seen_until} for line in lines_of(found)],
        "managing": team is not None and request.user.role_in(team.pk) in MANAGING,
        "next": f"?{urlencode({'cursor': cursor})}" if cursor else "",
        "first": "?" if place else "",
    }
    return render(request, "apikeys/alert_list.html", context)


@login_required
def alert_mute(request, alert_id):
    """Mute or unmute the kind of an alert: of its key or sign-in, or (`team`) of the whole team."""
    alert = get_object_or_404(Alert.objects.of(request.user), pk=alert_id)
    if request.user.role_in(alert.team_id) not in MANAGING:
        raise PermissionDenied
    if request.method == "POST":
        about = {"team_id": alert.team_id, "kind": alert.kind, "by": request.user}
        if request.POST.get("what") == "unmute":
            for subject_id in (alert.subject_id, alert.team_id):
                alerts.unmute(subject_id=subject_id, **about)
            said = _("“%(kind)s” is mailed again, at most once a day.")
        elif request.POST.get("what") == "team":
            alerts.mute(**about)
            said = _("“%(kind)s” is muted for the whole team: it is listed here, and nobody gets mail.")
        else:
            alerts.mute(subject_id=alert.subject_id, **about)
            said = _("“%(kind)s” is muted for this key: it is listed here, and nobody gets mail.")
        messages.success(request, said % {"kind": Alert.Kind(alert.kind).label})
    return redirect("alert-list")
