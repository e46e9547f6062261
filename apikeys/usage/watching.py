"""From the signs of a batch to alerts, in the batch's own transaction: written and mailed with it, or not at all.

Two servers may flush the same moment. The upsert of a key's last use, which comes first, makes them take turns at each
key, so that the second sees the networks that the first has learned; an alert's unique constraint does the rest.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import Error, connection, transaction

from accounts.models import Alert
from apikeys import notices
from apikeys.models import ApiKey, KnownNetwork, LastUse
from apikeys.usage.signs import MOST_NETWORKS, Signs
from protocol.sql import as_stored

log = logging.getLogger(__name__)

SILENT = timedelta(days=30)
LEARNING = timedelta(days=7)  # after alerts came, for keys that were in use before
MOST_REMEMBERED = 50_000
AT_ONCE = 500
SEEN = """
    INSERT INTO apikeys_knownnetwork (key_id, network, seen_on) VALUES (%s, %s, %s)
    ON CONFLICT (key_id, network) DO UPDATE SET seen_on = excluded.seen_on
    WHERE apikeys_knownnetwork.seen_on < excluded.seen_on
"""


class Watch:
    """What a process has written lately, so that a key at its usual work costs the flush no question at all."""

    def __init__(self) -> None:
        self.written: set[tuple] = set()

    def news(self, signs: Signs) -> "News":
        """What of these signs this process has not written today."""
        networks = [
            (key_id, network, sign)
            for key_id, found in sorted(signs.networks.items())
            for network, sign in sorted(found.items(), key=lambda item: item[1][0])
            if (key_id, network, sign[0].date()) not in self.written
        ]
        kinds = [
            (key_id, kind, sign)
            for (key_id, kind), sign in sorted(signs.kinds.items())
            if (key_id, kind, sign[0].date()) not in self.written
        ]
        return News(networks, kinds)

    def remember(self, news: "News") -> None:
        """After the commit: no need to write these again today."""
        if len(self.written) > MOST_REMEMBERED:
            self.written.clear()
        self.written.update((key_id, what, sign[0].date()) for key_id, what, sign in news.networks + news.kinds)


class News:
    """Signs that are not known to be written yet: (key id, network or kind, request), in order of their keys."""

    def __init__(self, networks: list[tuple], kinds: list[tuple]) -> None:
        self.networks, self.kinds = networks, kinds
        self.silent: dict[UUID, datetime] = {}
        self.before: dict[UUID, dict[str, date]] = {}

    def look_back(self) -> None:
        """Before the last uses are written: which of these keys were silent, and since when."""
        for ids in _parts({key_id for key_id, _network, _sign in self.networks}):
            uses = LastUse.objects.filter(pk__in=ids).values_list("pk", "last_used_at")
            first = {key_id: sign[0] for key_id, _network, sign in reversed(self.networks)}
            self.silent |= {key_id: last for key_id, last in uses if first[key_id] - last >= SILENT}

    def write(self) -> None:
        """Learn the networks and tell of what is unusual.

        Raises:
            django.db.Error: the batch is tried again. Whatever else goes wrong is logged: alerts never stop usage.
        """
        try:
            with transaction.atomic():
                self._learn()
                self._tell()
        except Error:
            raise
        except Exception:
            log.exception("alerts of this batch of usage could not be written")

    def _learn(self) -> None:
        for ids in _parts({key_id for key_id, _network, _sign in self.networks}):
            seen = KnownNetwork.objects.filter(key_id__in=ids).values_list("key_id", "network", "seen_on")
            for key_id, network, seen_on in seen:
                self.before.setdefault(key_id, {})[network] = seen_on
        with connection.cursor() as cursor:
            for key_id, network, sign in self.networks:
                known = self.before.setdefault(key_id, {})
                day = sign[0].date()
                if known.get(network, date.min) >= day or (network not in known and len(known) >= MOST_NETWORKS):
                    continue
                stored = connection.ops.adapt_datefield_value(day)
                cursor.execute(SEEN, as_stored((key_id, network, stored)))
                if network not in known:
                    if self._is_news(known, day):
                        self.kinds.append((key_id, Alert.Kind.NEW_NETWORK, sign))
                    known[network] = day

    @staticmethod
    def _is_news(known: dict[str, date], day: date) -> bool:
        """Not at the first use of a key, nor while the networks of an older one are learned."""
        return bool(known) and ("" not in known or day - known[""] > LEARNING)

    def _tell(self) -> None:
        told = [*self.kinds]
        for key_id, _network, sign in self.networks:
            if last := self.silent.pop(key_id, None):
                when = f"{last.astimezone(UTC):%Y-%m-%d}"
                told.append((key_id, Alert.Kind.AFTER_SILENCE, (*sign[:3], when)))
        wanted = {key_id for key_id, _kind, _sign in told}
        keys = ApiKey.objects.select_related("team").filter(revoked_at=None).in_bulk(list(wanted)) if wanted else {}
        for key_id, kind, (at, ip, agent, detail) in sorted(told, key=lambda item: item[:2]):
            key = keys.get(key_id)
            if key is None or (kind == Alert.Kind.IN_BROWSER and key.environment != "live"):
                continue
            notices.unusual(key, kind, detail=detail, created_at=at, ip=ip, user_agent=agent)


def _parts(ids: set) -> list[list]:
    ordered = sorted(ids)
    return [ordered[begin : begin + AT_ONCE] for begin in range(0, len(ordered), AT_ONCE)]


watch = Watch()
