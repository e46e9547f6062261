"""Which keys a team's usage page names as the busiest, of teams with so many that a page can't look at all of them.

Only who is among them is decided here, a few minutes late and with some to spare; how much each was used is counted
when the page is asked for (`apikeys.usage.reading.busiest_of_team`).
"""

from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from apikeys.models import ApiKey, BusiestKeys
from apikeys.usage.reading import WINDOWS, ranked
from protocol.locks import alone

JOB = "rank_keys"
MANY_KEYS = 500  # of a team; fewer are looked at when somebody asks
EVERY = timedelta(minutes=10)
KEPT = 30  # keys of each window: three times what a page shows


def rank_keys() -> int:
    """Rank the keys of teams that have very many, unless that was done lately; answers how many rankings.

    Raises:
        Busy: another server is at it.
    """
    lately = BusiestKeys.objects.filter(ranked_at__gt=timezone.now() - EVERY)
    if lately.exists():
        return 0
    counted = ApiKey.objects.order_by().values("team_id").annotate(number=Count("pk")).filter(number__gte=MANY_KEYS)
    teams = list(counted.values_list("team_id", flat=True))
    for team_id in teams:
        for window in WINDOWS:
            with alone(JOB):
                _rank(team_id, window)
    return len(teams) * len(WINDOWS)


def _rank(team_id, window: str) -> None:
    found = [str(key_id) for key_id in ranked(ApiKey.objects.filter(team_id=team_id), window, KEPT)]
    now = {"key_ids": found, "ranked_at": timezone.now()}
    BusiestKeys.objects.update_or_create(team_id=team_id, window=window, defaults=now)
