"""The people of the current team: a list with search and pages, and the same as CSV."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from accounts.current_team import current_team
from accounts.models.team import MANAGING
from apikeys.forms import without_secret
from protocol.downloads import csv_file
from protocol.pages import page_of, place_in
from wearables.forms import PeopleFilter
from wearables.models import EndUser, Headcount

PAGE = 50  # people a page
AT_ONCE = 1_000  # people of a download that are held at a time
COLUMNS = ("id", "environment", "created_at", "first_name", "last_name", "email", "external_user_id")


def _found(chosen: PeopleFilter, team):
    if team is None:
        return EndUser.objects.none()
    people = EndUser.objects.in_(team.pk, chosen.in_environment)
    return people.matching(chosen.text) if chosen.text else people


@login_required
def people(request):
    """The people of a team in one environment, newest first."""
    asked = request.GET.get("q", "")
    if without_secret(asked) != asked:
        query = request.GET.copy()
        query["q"] = without_secret(asked)
        return redirect(f"{request.path}?{query.urlencode()}")
    team, chosen, place = current_team(request), PeopleFilter(request.GET), place_in(request.GET)
    found, cursor = page_of(_found(chosen, team), PAGE, place)
    kept = {name: value for name, value in request.GET.items() if name in chosen.fields and value}
    counts = {name: Headcount.of(team.pk, name) if team else 0 for name in ("live", "test")}
    context = {
        "people": found,
        "filter": chosen,
        "team": team,
        "environment": chosen.in_environment,
        "total": counts[chosen.in_environment],
        "any": any(counts.values()),
        "site_url": settings.SITE_URL,
        "searched": chosen.text,
        "filtered": bool(kept),
        "asked": urlencode(kept),
        "managing": team is not None and request.user.role_in(team.pk) in MANAGING,
        "next": f"?{urlencode({**kept, 'cursor': cursor})}" if cursor else "",
        "first": f"?{urlencode(kept)}" if place else "",
    }
    return render(request, "wearables/people.html", context)


@login_required
def people_csv(request):
    """The same as a file, all pages of it."""
    return csv_file("people", COLUMNS, _rows(_found(PeopleFilter(request.GET), current_team(request))))


def _rows(people) -> Iterator[tuple]:
    place = None
    while True:
        found, cursor = page_of(people, AT_ONCE, place)
        for person in found:
            row = {name: getattr(person, name) for name in COLUMNS}
            yield tuple((row | {"created_at": person.created_at.isoformat().replace("+00:00", "Z")}).values())
        if cursor is None:
            return
        place = (found[-1].created_at, found[-1].pk)
