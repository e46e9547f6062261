"""The recent requests of a team, and one of them explained."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from accounts.current_team import current_team
from accounts.models import Developer
from apikeys.explaining import explain
from apikeys.forms import RefusalForm, RequestFilter, without_secret
from apikeys.models import ApiKey, RequestRecord
from protocol.pages import page_of, place_in

PAGE = 25  # requests a page
MOST_BEHIND_AN_ID = 20  # that a page names


def _with_names(records: list, developer) -> list:
    """The same requests, each with its `key` and its `who`, as far as they still exist; two queries."""
    keys = ApiKey.objects.of(developer).in_bulk({record.key_id for record in records if record.key_id})
    people = Developer.objects.in_bulk({record.developer_id for record in records if record.developer_id})
    for record in records:
        record.key = keys.get(record.key_id)
        record.who = people.get(record.developer_id)
    return records


@login_required
def request_list(request):
    """What was asked lately in the current team, newest first; a few seconds late."""
    asked = request.GET.get("key", "")
    if without_secret(asked) != asked:
        query = request.GET.copy()
        query["key"] = without_secret(asked)
        return redirect(f"{request.path}?{query.urlencode()}")
    chosen, team, place = RequestFilter(request.GET), current_team(request), place_in(request.GET)
    wanted = chosen.wanted(team)
    mine = RequestRecord.objects.filter(team_id=team.pk) if team else RequestRecord.objects.none()
    found, cursor = page_of(mine.asked(**wanted), PAGE, place)
    kept = {name: value for name, value in request.GET.items() if name in chosen.fields and value}
    context = {
        "records": _with_names(found, request.user),
        "filter": chosen,
        "filtered": bool(kept) or bool(place),
        "team": team,
        "kept_days": settings.REQUESTS_KEPT_DAYS,
        "next": f"?{urlencode({**kept, 'cursor': cursor})}" if cursor else "",
        "first": f"?{urlencode(kept)}" if place else "",
    }
    return render(request, "apikeys/request_list.html", context)


@login_required
def request_detail(request, request_id):
    """Why a request was answered as it was: of one's teams' requests alone, whatever else has this id."""
    behind = RequestRecord.objects.of(request.user).behind(request_id).order_by("-created_at", "-pk")
    found = _with_names(list(behind[:MOST_BEHIND_AN_ID]), request.user)
    if not found:
        context = {"form": RefusalForm(), "kept_days": settings.REQUESTS_KEPT_DAYS}
        return render(request, "apikeys/request_unknown.html", context, status=404)
    context = {"record": found[0], "explained": explain(found[0]), "others": found[1:]}
    return render(request, "apikeys/request_detail.html", context)
