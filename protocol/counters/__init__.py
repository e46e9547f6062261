"""Counters that many servers share: in memory for one process, in Redis for more.

A counter is one fixed window that opens with its first hit. `hit` is atomic and answers with the new count and the
seconds left, so that a limit is exact under any number of simultaneous callers.

The `limits` library was weighed and left out: its Redis storage needs a second round trip for the time left, and its
memory storage expires keys on a timer outside any lock.
"""

from functools import cache

from django.conf import settings

from protocol.counters.memory import MemoryCounters
from protocol.counters.shared import RedisCounters

__all__ = ["MemoryCounters", "RedisCounters", "counters", "reset_counters"]


@cache
def counters() -> MemoryCounters | RedisCounters:
    """The counters of this installation, by REDIS_URL."""
    return RedisCounters(settings.REDIS_URL) if settings.REDIS_URL else MemoryCounters()


def reset_counters() -> None:
    """Forget every counter (for tests)."""
    counters().reset()
