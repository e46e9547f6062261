"""Windows that count exactly, in memory and in Redis, and what happens while Redis is away."""

import os
import threading

import pytest
import redis

from protocol import counters as module
from protocol.counters import MemoryCounters, RedisCounters

NOWHERE = "redis://127.0.0.1:1/0"


class Lent:
    """A Redis that answers out of memory, until it is taken away."""

    def __init__(self):
        self.away, self.asked, self.memory = False, 0, MemoryCounters()

    def _ask(self):
        self.asked += 1
        if self.away:
            raise redis.ConnectionError("away")

    def hit(self, keys, args):
        self._ask()
        count, left = self.memory.hit(keys[0], args[1] / 1000, args[0])
        return [count, int(left * 1000)]

    def back(self, keys):
        self._ask()
        self.memory.give_back(keys[0])

    def get(self, key):
        self._ask()
        return self.memory.count(key)

    def delete(self, *keys):
        self._ask()
        self.memory.clear(*keys)


def on_lent():
    store, lent = RedisCounters(NOWHERE), Lent()
    store._client, store._hit, store._give_back = lent, lent.hit, lent.back
    return store, lent


def real_or_lent():
    return RedisCounters(os.environ["REDIS_URL"]) if os.environ.get("REDIS_URL") else on_lent()[0]


@pytest.fixture(params=["memory", "redis"])
def store(request):
    return MemoryCounters() if request.param == "memory" else real_or_lent()


def test_a_window_counts_what_it_is_given(store):
    store.clear("t:a")
    assert [store.hit("t:a", 60)[0] for _ in range(3)] == [1, 2, 3]
    assert store.hit("t:a", 60, 5)[0] == 8
    assert store.hit("t:b:other", 60)[0] >= 1
    assert store.count("t:a") == 8
    store.clear("t:a", "t:b:other")


def test_a_window_says_how_long_it_has_left(store):
    store.clear("t:a")
    assert 59 < store.hit("t:a", 60)[1] <= 60.001
    store.clear("t:a")


def test_a_hit_can_be_given_back_but_never_below_nothing(store):
    store.clear("t:a")
    store.give_back("t:a")
    assert store.count("t:a") == 0
    store.hit("t:a", 60)
    store.hit("t:a", 60)
    store.give_back("t:a")
    assert store.count("t:a") == 1
    store.give_back("t:a")
    store.give_back("t:a")
    assert store.count("t:a") == 0
    store.clear("t:a")
    assert store.count("t:a") == 0


def test_a_window_in_memory_ends():
    store = MemoryCounters()
    monotonic = [100.0]
    module_time, module.time = module.time, type("Clock", (), {"monotonic": staticmethod(lambda: monotonic[0])})
    try:
        store.hit("a", 60)
        monotonic[0] = 160.1
        assert store.count("a") == 0
        store.give_back("a")
        assert store.hit("a", 60)[0] == 1
    finally:
        module.time = module_time


def test_what_is_over_is_swept(monkeypatch):
    monkeypatch.setattr(module, "SWEEP_EVERY", 3)
    store = MemoryCounters()
    store.hit("old", 0)
    store.hit("new", 60)
    store.hit("new", 60)
    assert set(store._windows) == {"new"}
    store.reset()
    assert store.count("new") == 0


def test_many_threads_are_counted_exactly(store):
    store.clear("t:many")
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(store.hit("t:many", 60)[0])) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 41))
    store.clear("t:many")


def test_while_redis_is_away_the_process_counts_for_itself(caplog):
    store, lent = on_lent()
    store.hit("a", 60)
    lent.away = True
    asked = lent.asked
    assert [store.hit("a", 60)[0] for _ in range(3)] == [1, 2, 3]
    store.give_back("a")
    assert store.count("a") == 2
    store.clear("a")
    assert store.count("a") == 0
    assert lent.asked == asked + 1, "the circuit is open: Redis is not asked each time"
    assert "Redis is away" in caplog.text


def test_it_asks_redis_again_after_a_while(monkeypatch):
    monkeypatch.setattr(module, "CIRCUIT_OPEN", 0.0)
    store, lent = on_lent()
    lent.away = True
    assert store.hit("a", 60)[0] == 1
    lent.away = False
    assert store.hit("a", 60)[0] == 1
    assert lent.memory.count("ow:a") == 1


def test_ping_says_when_redis_is_away():
    with pytest.raises(redis.RedisError):
        RedisCounters(NOWHERE).ping()


def test_sign_in_goes_on_while_redis_is_away(api, ann, sign_in, monkeypatch):
    store, lent = on_lent()
    lent.away = True
    for name in ("accounts.attempts.counters", "protocol.counters.counters"):
        monkeypatch.setattr(name, lambda: store)
    assert sign_in(ann)["access_token"]
    for _ in range(10):
        response = api.call("POST", "/auth/login", {"username": ann.email, "password": "wrong"})
    assert response.status_code == 429


@pytest.mark.parametrize("now", [1877.191735485, 42.121067022, 508.917219869, 472.69155264])
def test_a_window_never_has_more_left_than_it_is_long(monkeypatch, now):
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    for seconds in range(1, 200):
        assert MemoryCounters().hit("a", seconds)[1] <= seconds
