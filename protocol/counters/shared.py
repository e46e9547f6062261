"""Counters in Redis or Valkey, and what happens while it is away.

One connection per thread and the commands as they are: redis-py's client costs five times what the round trip does.
"""

import hashlib
import logging
import threading
import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from protocol import metrics
from protocol.counters.memory import Count, Counted, MemoryCounters

log = logging.getLogger(__name__)

TIMEOUT = 0.18  # seconds; the most that a Redis which does not answer adds to a request, once
ASK_AGAIN = 0.5  # seconds between two looks at a Redis that is away; nobody waits for them
MOST_SEEN = 50_000  # windows that are remembered for a Redis that goes away
PREFIX = "ow:"


class Script:
    """Lua that Redis runs as one step."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


HIT_EACH = Script("""
local found = {}
for i, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  local left = redis.call('PTTL', key)
  if left < 0 then
    redis.call('PEXPIRE', key, ARGV[i])
    left = tonumber(ARGV[i])
  end
  found[2 * i - 1], found[2 * i] = count, left
end
return found
""")
# Gives a hit back, but never creates a counter nor takes one below zero: its window may have ended meanwhile.
GIVE_BACK = Script("""
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
return 0
""")


class RedisCounters:
    """As `MemoryCounters`, over all servers; while Redis is away, each process counts for itself.

    The first call that gets no answer waits TIMEOUT and opens the circuit: from then on nobody asks but a thread of
    its own, until Redis answers again.
    """

    def __init__(self, url: str) -> None:
        self._pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            lib_name=None,
            lib_version=None,
        )
        self._mine = threading.local()
        self._memory = MemoryCounters()
        self._seen: dict[str, tuple[int, float]] = {}  # windows as Redis last had them, with their ends
        self._circuit = threading.Lock()
        self.away = False

    # --- what is counted ----------------------------------------------------------------------------------------------
    def hit(self, name: str, seconds: float) -> Count:
        """As `MemoryCounters.hit`."""
        return self.hit_each((name, seconds)).windows[0]

    def hit_each(self, *windows: tuple[str, float]) -> Counted:
        """As `MemoryCounters.hit_each`: one round trip, one step in Redis."""
        if not self.away:
            try:
                found = self._run(HIT_EACH, [name for name, _ in windows], *(int(s * 1000) for _, s in windows))
                counts = [Count(n, left / 1000) for n, left in zip(found[::2], found[1::2], strict=True)]
                self._remember(windows, counts)
                return Counted(counts, own=None if self._memory.is_empty() else self._memory.hit_open(*windows))
            except redis.RedisError as error:
                self._open(error)
        for name, _ in windows:
            if name in self._seen:
                self._memory.begin(name, *self._seen[name])  # what was spent before Redis went away stays spent
        return self._memory.hit_each(*windows)._replace(exact=False)

    def _remember(self, windows, counts: list[Count]) -> None:
        if len(self._seen) > MOST_SEEN:
            self._seen.clear()
        now = time.monotonic()
        for (name, _), (hits, left) in zip(windows, counts, strict=True):
            self._seen[name] = (hits, now + left)

    def give_back(self, *names: str) -> None:
        """As `MemoryCounters.give_back`."""
        self._shared_or_own(lambda: self._run(GIVE_BACK, names), lambda: self._memory.give_back(*names))

    def count(self, name: str) -> int:
        """As `MemoryCounters.count`."""
        return self._shared_or_own(lambda: int(self._ask("GET", PREFIX + name) or 0), lambda: self._memory.count(name))

    def clear(self, *names: str) -> None:
        """As `MemoryCounters.clear`."""
        self._shared_or_own(lambda: self._ask("DEL", *(PREFIX + name for name in names)), lambda: None)
        self._memory.clear(*names)

    def reset(self) -> None:
        """Forget every counter of this product (for tests)."""
        with redis.Redis(connection_pool=self._pool) as client:
            for name in client.scan_iter(f"{PREFIX}*", count=1000):
                client.delete(name)
        self._memory.reset()
        self._seen.clear()
        self.away = False

    def ping(self) -> None:
        """Raise redis.RedisError when Redis does not answer."""
        self._ask("PING")

    # --- how it is asked ----------------------------------------------------------------------------------------------
    def _shared_or_own(self, shared, own):
        if not self.away:
            try:
                return shared()
            except redis.RedisError as error:
                self._open(error)
        return own()

    def _run(self, script: Script, names, *args):
        keys = [PREFIX + name for name in names]
        try:
            return self._ask("EVALSHA", script.sha, len(keys), *keys, *args)
        except redis.exceptions.NoScriptError:  # Redis is new: it keeps the text from here on
            return self._ask("EVAL", script.text, len(keys), *keys, *args)

    def _ask(self, *command):
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            try:
                return self._exchange(connection, command)
            except redis.TimeoutError:
                raise
            except redis.ConnectionError:
                pass  # it went stale while it was idle, as after a restart of Redis: once more on a new one
        self._mine.connection = connection = self._pool.make_connection()
        return self._exchange(connection, command)

    @staticmethod
    def _exchange(connection, command):
        try:
            connection.connect()  # nothing to do while it is
            connection.send_command(*command, check_health=False)
            return connection.read_response()
        except (redis.ConnectionError, redis.TimeoutError):
            connection.disconnect()  # a late answer must not be taken for the next one's
            raise

    # --- the circuit --------------------------------------------------------------------------------------------------
    def _open(self, error: Exception) -> None:
        with self._circuit:
            if self.away:
                return
            self.away = True
        metrics.REDIS_AWAY.set(1)
        log.warning("Redis is away (%s): this process counts for itself until it is back", type(error).__name__)
        threading.Thread(target=self._wait_for_it, name="redis-circuit", daemon=True).start()

    def _wait_for_it(self) -> None:
        while True:
            time.sleep(ASK_AGAIN)
            try:
                self._run(HIT_EACH, ["probe"], 1000)  # one that answers but can't write is away
            except redis.RedisError:
                continue
            break
        self.away = False
        metrics.REDIS_AWAY.set(0)
        log.warning("Redis is back: limits are shared again")
