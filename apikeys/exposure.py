"""What is known of a key that leaked: whose it is, what it opens, who has used it. Nothing here holds its secret."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from apikeys.models import ApiKey, LastUse, RequestRecord
from apikeys.usage.reading import WINDOWS, usage_of

MOST_ADDRESSES = 20  # the latest


@dataclass(frozen=True)
class Exposure:
    """A key, and its use as it was written down until now (a few seconds late).

    `calls` are those of the last 24 hours, 7 and 30 days (UTC, the hour or day that is going on included), refused
    ones too. `addresses` are from the last use and the request log, each with its latest call, the latest first: the
    log is kept REQUESTS_KEPT_DAYS and samples successes under load.
    """

    key: ApiKey
    line: int
    usable: bool
    first_used_at: datetime | None
    last_used_at: datetime | None
    addresses: list[tuple[str, datetime]]
    calls: dict[str, int]

    @classmethod
    def of(cls, key: ApiKey, line: int) -> "Exposure":
        """Of a proved key that stands in this line."""
        itself = ApiKey.objects.filter(pk=key.pk)
        use = LastUse.objects.filter(pk=key.pk).first()
        return cls(
            key,
            line,
            itself.usable().exists(),
            use.first_used_at if use else None,
            use.last_used_at if use else None,
            _addresses_of(key, use),
            {window: usage_of(itself, window)["total"] for window in WINDOWS},
        )


def _addresses_of(key: ApiKey, use: LastUse | None) -> list[tuple[str, datetime]]:
    calls = RequestRecord.objects.filter(team_id=key.team_id, key_id=key.pk, ip__isnull=False)
    found = dict(calls.values_list("ip").annotate(last=Max("created_at")).order_by("-last")[:MOST_ADDRESSES])
    if use and use.ip:
        found[use.ip] = max(use.last_used_at, found.get(use.ip, use.last_used_at))
    return sorted(found.items(), key=lambda pair: pair[1], reverse=True)[:MOST_ADDRESSES]
