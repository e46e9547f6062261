"""The audit: who did what to which thing, when and from where; as pages and as CSV."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from accounts import trail
from accounts.current_team import current_team
from accounts.forms import AuditFilter
from accounts.templatetags.agents import device
from protocol.downloads import csv_file
from protocol.pages import place_in

PAGE = 50  # events a page
PAGES_OF = {"apikey": "key-detail", "api_key": "key-detail", "enduser": "person"}  # kind → name of a thing's own page
SHOWN_IDS = 8  # characters of an id that stands for a thing without a name


def _facts(event) -> str:
    """What else is known of an act: codes, counts, names of fields."""
    said = []
    for name, value in sorted(event.data.items()):
        if value in ("", None, [], False):
            continue
        several = [f"{number} {word}" for word, number in value.items()] if isinstance(value, dict) else value
        shown = ", ".join(map(str, several)) if isinstance(several, list) else str(several)
        said.append(f"{name.replace('_', ' ')}: {shown}")
    return "; ".join(said)


def _line(event, names) -> dict:
    """An event in words; `who` and `which` are names, where there are any, beside the ids."""
    return {
        "event": event,
        "what": trail.words_for(event.action),
        "facts": _facts(event),
        "who_kind": trail.kind_in_words(event.actor_kind),
        "who": names.get(event.actor_id, ""),
        "who_short": str(event.actor_id or "")[-SHOWN_IDS:],
        "which_kind": trail.kind_in_words(event.target_kind) if event.target_id else "",
        "which": names.get(event.target_id, ""),
        "which_short": str(event.target_id or "")[-SHOWN_IDS:],
        "page": PAGES_OF.get(event.target_kind) if event.target_id in names else None,
        "device": device(event.agent) if event.agent else "",
    }


@login_required
def audit(request):
    """What happened in the current team, for owners and admins, and what oneself did, for everybody; newest first."""
    team = current_team(request)
    chosen, found = _asked(request, team)
    place = place_in(request.GET)
    events, following = trail.page(found, PAGE, place)
    names = trail.names_for(events, request.user)
    kept = {name: value for name, value in request.GET.items() if name in chosen.fields and value}
    context = {
        "lines": [_line(event, names) for event in events],
        "filter": chosen,
        "team": team,
        "sees_the_team": "about" in chosen.fields,
        "filtered": bool(kept),
        "asked": urlencode(kept),
        "next": f"?{urlencode({**kept, 'cursor': trail.cursor_of(following)})}" if following else "",
        "first": f"?{urlencode(kept)}" if place else "",
    }
    return render(request, "accounts/audit.html", context)


@login_required
def audit_csv(request):
    """The same as a file, all pages of it."""
    _chosen, found = _asked(request, current_team(request))
    head = ("when", "who kind", "who", "who id", "action", "what", "which kind", "which", "which id", "facts")
    return csv_file("audit", (*head, "address", "agent", "request id"), _rows(found, request.user))


def _asked(request, team) -> tuple[AuditFilter, list]:
    chosen = AuditFilter(request.GET, sees_the_team=trail.sees_the_team(request.user, team))
    return chosen, chosen.found(trail.sources(request.user, team))


def _rows(found, developer) -> Iterator[tuple]:
    for events in trail.all_of(found):
        names: dict = trail.names_for(events, developer)
        for event in events:
            yield (
                event.at.isoformat().replace("+00:00", "Z"),
                event.actor_kind,
                names.get(event.actor_id, ""),
                event.actor_id,
                event.action,
                trail.words_for(event.action),
                event.target_kind,
                names.get(event.target_id, ""),
                event.target_id,
                _facts(event),
                event.address,
                event.agent,
                event.request_id,
            )
