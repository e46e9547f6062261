"""The list of keys, and the page of one."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from accounts.current_team import current_team, my_teams
from accounts.models import Alert, Team
from accounts.models.team import MANAGING
from apikeys.first_call import first_call
from apikeys.forms import KeyFilter, without_secret
from apikeys.impact import overlap_of
from apikeys.models import ApiKey, LastUse
from apikeys.portal.alerts import lines_of
from apikeys.portal.one import key_of
from protocol.pages import page_of, place_in

PAGE = 25  # keys a page
SHOWN_ALERTS = 5  # the latest, on a key's own page


def _page(chosen: KeyFilter, keys, place) -> tuple[list, dict, bool]:
    """(the keys of a page, what the next page's address says, whether this is the first).

    What must be sorted whole is sorted by id alone: ten thousand whole rows would take a second look at every one.
    """
    if not chosen.order:
        found, cursor = page_of(keys.select_related("team", "successor").with_last_use(), PAGE, place)
        return found, {"cursor": cursor} if cursor else {}, not place
    number = chosen.cleaned_data.get("page") or 1
    ids = keys.with_last_use().order_by(*chosen.order).values_list("pk", flat=True)
    ids = list(ids[(number - 1) * PAGE : number * PAGE + 1])
    rows = ApiKey.objects.select_related("team", "successor").with_last_use().in_bulk(ids[:PAGE])
    following = {"page": number + 1} if len(ids) > PAGE else {}
    return [rows[key_id] for key_id in ids[:PAGE] if key_id in rows], following, number == 1


@login_required
def key_list(request):
    """The keys of the current team: newest first, or by name, last use or end."""
    asked = request.GET.get("q", "")
    if without_secret(asked) != asked:
        query = request.GET.copy()
        query["q"] = without_secret(asked)
        return redirect(f"{request.path}?{query.urlencode()}")
    chosen, team = KeyFilter(request.GET), current_team(request)
    found = chosen.found(team, my_teams(request))
    keys, following, is_first = _page(chosen, found, place_in(request.GET))
    kept = {name: value for name, value in request.GET.items() if name not in ("cursor", "page") and value}
    managed = set(Team.objects.managed_by(request.user).values_list("pk", flat=True))
    for key in keys:
        key.can_be_revoked = not key.revoked_at and key.team_id in managed
    context = {
        "keys": keys,
        "choosing": any(key.can_be_revoked for key in keys),
        "filter": chosen,
        "filtered": bool(kept) or not is_first,
        "any": bool(keys) or ApiKey.objects.filter(team=team).exists(),
        "next": f"?{urlencode({**kept, **following})}" if following else "",
        "first": "" if is_first else f"?{urlencode(kept)}",
        "managing": team is not None and team.pk in managed,
        "elsewhere": any(team is None or key.team_id != team.pk for key in keys),
    }
    return render(request, "apikeys/key_list.html", context)


@login_required
def key_detail(request, key_id):
    """One key: everything but its secret."""
    key = key_of(request, key_id, managing=False)
    overlap = overlap_of(key)
    context = {
        "key": key,
        "managing": request.user.role_in(key.team_id) in MANAGING,
        "use": LastUse.objects.filter(pk=key.pk).first(),
        "first": None if overlap and overlap.old == key else first_call(key),
        "overlap": overlap,
        "alerts": lines_of(list(Alert.objects.filter(key_id=key.pk).order_by("-created_at", "-pk")[:SHOWN_ALERTS])),
        "rotation_is_due": key.rotation_is_due(),
        "maker_left": ApiKey.objects.left_behind().filter(pk=key.pk).exists(),
    }
    return render(request, "apikeys/key_detail.html", context)
