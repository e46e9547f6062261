"""Observations added up: everything that one batch will write."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings

from apikeys.models import Outcome
from apikeys.peppers import Redigest
from apikeys.usage.observation import Observation
from apikeys.usage.signs import Signs

MOST_REQUESTS = 20_000  # of the log kept in memory while the database is away; then the oldest go


@dataclass
class Use:
    """When a key was first and last used in this batch, and from where last; whose it is."""

    team_id: UUID | None
    first: float
    last: float
    ip: str | None
    agent: str


@dataclass
class Totals:
    """Counts by key; nothing in it grows with the number of requests but the log, and that is bounded."""

    hours: Counter[tuple[UUID, datetime, str]] = field(default_factory=Counter)
    endpoints: Counter[tuple[UUID, date, str, str]] = field(default_factory=Counter)
    uses: dict[UUID, Use] = field(default_factory=dict)
    digests: dict[UUID, Redigest] = field(default_factory=dict)
    requests: deque[Observation] = field(default_factory=lambda: deque(maxlen=MOST_REQUESTS))
    signs: Signs = field(default_factory=Signs)
    oldest: float | None = None
    _second: int = 0
    _kept: int = 0

    def __bool__(self) -> bool:
        return self.oldest is not None

    def add(self, seen: Observation) -> None:
        """Count one request; what belongs to no known credential is only logged when it was refused."""
        if not seen.proved and (seen.status < 400 or seen.status == 503):
            return  # nobody's success, or our own outage: /metrics has both
        self.oldest = seen.at if self.oldest is None else self.oldest
        if seen.proved and seen.proved.key_id:
            self._count(seen, seen.proved.key_id, seen.proved.team_id)
        # Past the count of bad keys nothing is logged: whoever has a dead key must not wash its team's log away.
        if seen.refusal[0] != "too_many_attempts" and (seen.status >= 400 or self._within_sample(seen.at)):
            self.requests.append(seen)

    def of_teams(self, by_key: Counter) -> Counter:
        """`hours` or `endpoints` by team instead of by key; once a batch, so that a request costs no more for it."""
        by_team = Counter[tuple]()
        for (key_id, *rest), count in by_key.items():
            if team_id := self.uses[key_id].team_id:
                by_team[team_id, *rest] += count
        return by_team

    def _count(self, seen: Observation, key_id: UUID, team_id: UUID | None) -> None:
        at = datetime.fromtimestamp(seen.at, UTC)
        self.hours[key_id, at.replace(minute=0, second=0, microsecond=0), Outcome.of(seen.status).value] += 1
        self.endpoints[key_id, at.date(), seen.method, seen.route] += 1
        use = self.uses.get(key_id)
        if use is None:
            self.uses[key_id] = Use(team_id, seen.at, seen.at, seen.ip, seen.agent)
        else:
            use.first = min(use.first, seen.at)
            if seen.at >= use.last:
                use.last, use.ip, use.agent = seen.at, seen.ip, seen.agent
        self.signs.add(seen, key_id, at)
        if seen.new_digest:
            self.digests[key_id] = seen.new_digest

    def _within_sample(self, at: float) -> bool:
        """Whether one more success of this second may go into the log: under load the first ones of each do."""
        if int(at) != self._second:
            self._second, self._kept = int(at), 0
        self._kept += 1
        return self._kept <= settings.REQUESTS_SAMPLED
