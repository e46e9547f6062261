"""Counters that many servers share: in memory for one process, in Redis for more.

A counter is one fixed window that opens with its first hit. `hit` is atomic and answers with the new count and the
seconds left, so that a limit is exact under any number of simultaneous callers.

The `limits` library was weighed and left out: its Redis storage needs a second round trip for the time left, and its
memory storage expires keys on a timer outside any lock.
"""

import logging
import threading
import time
from functools import cache

import redis
from django.conf import settings

log = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.2  # seconds; the most that an unreachable Redis may add to one request
CIRCUIT_OPEN = 5.0  # seconds without asking Redis again after a failure
SWEEP_EVERY = 10_000  # hits between two sweeps of the memory counters

_HIT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {count, left}
"""
# Gives a hit back, but never creates a counter nor takes one below zero: its window may have ended meanwhile.
_GIVE_BACK = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count > 0 then redis.call('DECR', KEYS[1]) end
return count
"""


class MemoryCounters:
    """Counters of this process alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._hits = 0

    def hit(self, name: str, seconds: int, amount: int = 1) -> tuple[int, float]:
        """Add `amount` to the window `name`, `seconds` long; answer its count and the seconds it has left."""
        now = time.monotonic()
        with self._lock:
            self._sweep(now)
            count, ends = self._windows.get(name, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + seconds
            self._windows[name] = (count + amount, ends)
            # (now + seconds) - now can come out a hair above: 60.000000001 seconds would be told as 61.
            return count + amount, min(ends - now, seconds)

    def give_back(self, name: str) -> None:
        """Take one hit back; a window that has ended or is empty stays as it is."""
        with self._lock:
            count, ends = self._windows.get(name, (0, 0.0))
            if count and ends > time.monotonic():
                self._windows[name] = (count - 1, ends)

    def count(self, name: str) -> int:
        """What the window holds now."""
        with self._lock:
            count, ends = self._windows.get(name, (0, 0.0))
            return count if ends > time.monotonic() else 0

    def clear(self, *names: str) -> None:
        """Forget these windows."""
        with self._lock:
            for name in names:
                self._windows.pop(name, None)

    def reset(self) -> None:
        """Forget everything (for tests and after a fork)."""
        with self._lock:
            self._windows.clear()

    def _sweep(self, now: float) -> None:
        self._hits += 1
        if self._hits % SWEEP_EVERY == 0:
            self._windows = {name: window for name, window in self._windows.items() if window[1] > now}


class RedisCounters:
    """Counters in Redis or Valkey; while it is away, each process counts for itself."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT, retry=None, protocol=2
        )
        self._hit = self._client.register_script(_HIT)
        self._give_back = self._client.register_script(_GIVE_BACK)
        self._memory = MemoryCounters()
        self._closed_at = 0.0

    def _try(self, shared, local):
        if time.monotonic() < self._closed_at:
            return local()
        try:
            return shared()
        except redis.RedisError:
            self._closed_at = time.monotonic() + CIRCUIT_OPEN
            log.warning("Redis is away: this process counts for itself for %s seconds", CIRCUIT_OPEN)
            return local()

    def hit(self, name: str, seconds: int, amount: int = 1) -> tuple[int, float]:
        """As `MemoryCounters.hit`, over all servers."""

        def shared() -> tuple[int, float]:
            count, left = self._hit(keys=[f"ow:{name}"], args=[amount, seconds * 1000])
            return int(count), int(left) / 1000

        return self._try(shared, lambda: self._memory.hit(name, seconds, amount))

    def give_back(self, name: str) -> None:
        """As `MemoryCounters.give_back`, over all servers."""
        self._try(lambda: self._give_back(keys=[f"ow:{name}"]), lambda: self._memory.give_back(name))

    def count(self, name: str) -> int:
        """As `MemoryCounters.count`, over all servers."""

        def shared() -> int:
            return int(self._client.get(f"ow:{name}") or 0)  # type: ignore[arg-type]

        return self._try(shared, lambda: self._memory.count(name))

    def clear(self, *names: str) -> None:
        """As `MemoryCounters.clear`, over all servers."""
        self._try(lambda: self._client.delete(*[f"ow:{name}" for name in names]), lambda: None)
        self._memory.clear(*names)

    def reset(self) -> None:
        """Forget every counter of this product (for tests)."""
        for name in self._client.scan_iter("ow:*", count=1000):
            self._client.delete(name)
        self._memory.reset()
        self._closed_at = 0.0

    def ping(self) -> None:
        """Raise redis.RedisError when Redis does not answer."""
        self._client.ping()


@cache
def counters() -> MemoryCounters | RedisCounters:
    """The counters of this installation, by REDIS_URL."""
    return RedisCounters(settings.REDIS_URL) if settings.REDIS_URL else MemoryCounters()


def reset_counters() -> None:
    """Forget every counter (for tests)."""
    counters().reset()
