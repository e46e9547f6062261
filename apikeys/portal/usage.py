"""How much a team, or one of its keys, is used: a chart, the numbers beside it, and the same as a file."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.current_team import current_team
from apikeys.models import ApiKey, Outcome
from apikeys.portal.one import key_of
from apikeys.usage.reading import WINDOWS, busiest_of_team, endpoints_of, endpoints_of_team, usage_of, usage_of_team
from protocol.downloads import csv_file

WINDOW_WORDS = {"24h": _("24 hours"), "7d": _("7 days"), "30d": _("30 days")}
SPLIT = (
    (Outcome.SUCCESS, _("Answered as asked")),
    (Outcome.UNAUTHORIZED, _("401: the key was known, and not good any more")),
    (Outcome.FORBIDDEN, _("403: the key was good, and may not do that")),
    (Outcome.NOT_FOUND, _("404: nothing there")),
    (Outcome.INVALID, _("422: a mistake in the request")),
    (Outcome.LIMITED, _("429: too fast")),
    (Outcome.REFUSED, _("Other refusals (4xx)")),
    (Outcome.FAILED, _("Our failures (5xx)")),
)
ALWAYS = {Outcome.SUCCESS, Outcome.UNAUTHORIZED, Outcome.FORBIDDEN, Outcome.LIMITED}  # shown even when there is none


@dataclass(frozen=True)
class Share:
    """A part of a whole: what it is, how much, and which share of all."""

    words: object
    count: int
    of: int

    @property
    def percent(self) -> str:
        """Rounded so that neither "100 %" nor "0 %" is said of what is not all or nothing."""
        return percent(self.count, self.of)


def percent(count: int, of: int) -> str:
    """A share in words: "–" of nothing."""
    if not of:
        return "–"
    exact = 100 * count / of
    if 0 < exact < 0.1:
        return "< 0.1 %"
    return f"{min(exact, 99.9) if count < of else exact:.1f} %".replace(".0 %", " %")


def _window(request) -> str:
    wanted = request.GET.get("window", "24h")
    return wanted if wanted in WINDOWS else "24h"


def _named(found: list[tuple]) -> list[dict]:
    rows = ApiKey.objects.in_bulk([key_id for key_id, _counts in found])
    return [
        {"key": rows[key_id], "total": counts.total(), "good": percent(counts[Outcome.SUCCESS], counts.total())}
        for key_id, counts in found
        if key_id in rows  # deleted a moment ago
    ]


def _page(request, found: dict, endpoints: list, **context):
    window = _window(request)
    counts, total = found["by_status"], found["total"]
    context |= {
        "usage": found,
        "window": window,
        "window_words": WINDOW_WORDS[window],
        "windows": WINDOW_WORDS.items(),
        "split": [
            Share(words, counts[outcome], total) for outcome, words in SPLIT if counts[outcome] or outcome in ALWAYS
        ],
        "refused": {name.lower(): counts[Outcome[name]] for name in ("UNAUTHORIZED", "FORBIDDEN", "LIMITED")},
        "good": percent(counts[Outcome.SUCCESS], total),
        "buckets": found["series"][::-1],
        "endpoints": endpoints,
    }
    return render(request, "apikeys/usage.html", context)


def _file(found: dict):
    rows = (
        (bucket["start"].isoformat().replace("+00:00", "Z"), bucket["requests"], bucket["errors"], bucket["throttled"])
        for bucket in found["series"]
    )
    return csv_file(f"usage-{found['window']}", (found["bucket"], "requests", "errors", "throttled"), rows)


@login_required
def usage(request):
    """The keys of the current team, all together, and the busiest of them."""
    team, window = current_team(request), _window(request)
    team_id = team and team.pk
    found, endpoints = usage_of_team(team_id, window), endpoints_of_team(team_id, window)
    return _page(request, found, endpoints, team=team, busiest=_named(busiest_of_team(team_id, window)))


@login_required
def usage_csv(request):
    """The same as a file, a line for each hour or day."""
    team = current_team(request)
    return _file(usage_of_team(team and team.pk, _window(request)))


@login_required
def key_usage(request, key_id):
    """One key."""
    key = key_of(request, key_id, managing=False)
    itself, window = ApiKey.objects.filter(pk=key.pk), _window(request)
    return _page(request, usage_of(itself, window), endpoints_of(itself, window), key=key)


@login_required
def key_usage_csv(request, key_id):
    """One key, as a file."""
    key = key_of(request, key_id, managing=False)
    return _file(usage_of(ApiKey.objects.filter(pk=key.pk), _window(request)))
