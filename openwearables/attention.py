"""What an operator should look at first: a sentence, how many, and the list that shows them.

Each is asked by the same rule as the list's own filter, so that the number and the list agree, and only of lists that
the operator may see.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import ngettext_lazy

from accounts.models import Session, Team
from apikeys.models import ApiKey

MOST = 1000  # counted no further: whether it is a thousand or a million, the list is where to go
REPLAYED_WITHIN = timedelta(days=7)


class Look(NamedTuple):
    """One line of the dashboard; `number` is "1,000+" past MOST."""

    sentence: str
    number: str
    url: str


def looks(site, request) -> list[Look]:
    """What needs a look now, the empty left out."""
    found = []
    for sentence, rows, query in _questions():
        page = site._registry.get(rows.model)
        if page is None or not page.has_view_permission(request):
            continue
        # A subquery with LIMIT: a table of millions is not counted to its end for a line on a page.
        count = rows.order_by()[: MOST + 1].count()
        if count:
            opts = rows.model._meta
            listed = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist", current_app=site.name)
            said = f"{MOST:,}+" if count > MOST else f"{count:,}"
            found.append(Look(sentence % count, said, f"{listed}?{urlencode(query)}"))
    return found


def _questions() -> Iterator[tuple]:
    """(sentence, rows, the list's query)."""
    for sentence, why in (
        (ngettext_lazy("key expires within a week", "keys expire within a week"), "expiring"),
        (ngettext_lazy("key is refused often", "keys are refused often"), "refused"),
        (ngettext_lazy("key was not used for 90 days", "keys were not used for 90 days"), "unused"),
        (ngettext_lazy("key was never used", "keys were never used"), "never"),
        (ngettext_lazy("key was seen by somebody who left", "keys were seen by people who left"), "left"),
    ):
        yield sentence, ApiKey.objects.that_need_a_look(why), {"use": why}
    since = (timezone.now() - REPLAYED_WITHIN).replace(microsecond=0)
    replayed = {"closed_reason__exact": Session.Reason.REPLAY, "closed_at__gte": since.isoformat()}
    ended = Session.objects.filter(closed_reason=Session.Reason.REPLAY, closed_at__gte=since)
    one = "sign-in ended in the last 7 days because an old token was used again"
    many = "sign-ins ended in the last 7 days because an old token was used again"
    yield ngettext_lazy(one, many), ended, replayed
    suspended = Team.objects.exclude(suspended_at=None)
    yield ngettext_lazy("team is suspended", "teams are suspended"), suspended, {"suspended_at__isnull": "False"}
