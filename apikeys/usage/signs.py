"""What of a batch may be unusual, noted as it is added up: no database, and no more than a few rows a key."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from accounts.models import Alert
from apikeys.usage.observation import Observation
from protocol.address import network_of
from protocol.current import agent_of

MOST_NETWORKS = 100  # that are known of a key: one that is used from more is used from everywhere
FOUND = {404, 409, 422}  # answered after the key's addresses were looked at

_network_of = lru_cache(4096)(network_of)


class Signs:
    """First sightings of a batch.

    `networks`: key id → network → the first request from it that its key was good for. `kinds`: (key id, kind of
    alert) → the first request that shows it. Requests come as (time, address, agent, detail).
    """

    def __init__(self) -> None:
        self.networks: dict[UUID, dict[str, tuple]] = {}
        self.kinds: dict[tuple[UUID, Alert.Kind], tuple] = {}

    def add(self, seen: Observation, key_id: UUID, at: datetime) -> None:
        """Look at one request with a key that was proved."""
        code = seen.refusal[0]
        if seen.status < 400 or seen.status in FOUND or code == "insufficient_scope":
            networks = self.networks.setdefault(key_id, {})
            network = _network_of(seen.ip)
            if network and network not in networks and len(networks) < MOST_NETWORKS:
                networks[network] = (at, seen.ip, seen.agent, network)
        elif code == "ip_not_allowed":
            self.kinds.setdefault((key_id, Alert.Kind.OUTSIDE_LIST), (at, seen.ip, seen.agent, seen.ip or ""))
        if seen.origin:
            self.kinds.setdefault((key_id, Alert.Kind.IN_BROWSER), (at, seen.ip, seen.agent, agent_of(seen.origin)))
