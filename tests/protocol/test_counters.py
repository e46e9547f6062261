"""Windows that count exactly, in memory and in Redis, and what happens while Redis is away."""

import os
import threading
import time

import pytest
import redis

from protocol.counters import MemoryCounters, RedisCounters, shared
from protocol.counters import memory as module
from protocol.counters.shared import GIVE_BACK

NOWHERE = "redis://127.0.0.1:1/0"


class Lent(RedisCounters):
    """A Redis that answers out of memory, until it is taken away."""

    def __init__(self):
        super().__init__(NOWHERE)
        self.gone, self.asked, self.lent = False, 0, MemoryCounters()

    def _ask(self, command, *args):
        self.asked += 1
        if self.gone:
            raise redis.ConnectionError("away")
        if command == "GET":
            return self.lent.count(*args)
        if command == "DEL":
            return self.lent.clear(*args)
        if command == "PING":
            return b"PONG"
        script, number, *rest = args
        if script == GIVE_BACK.sha:
            return self.lent.give_back(*rest)
        found = self.lent.hit_each(*zip(rest[:number], (left / 1000 for left in rest[number:]), strict=True)).windows
        return [number for count, left in found for number in (count, int(left * 1000))]


def real_or_lent():
    return RedisCounters(os.environ["REDIS_URL"]) if os.environ.get("REDIS_URL") else Lent()


@pytest.fixture(params=["memory", "redis"])
def store(request):
    return MemoryCounters() if request.param == "memory" else real_or_lent()


def test_a_window_counts_what_it_is_given(store):
    store.clear("t:a")
    assert [store.hit("t:a", 60)[0] for _ in range(3)] == [1, 2, 3]
    assert store.hit("t:b:other", 60)[0] >= 1
    assert store.count("t:a") == 3
    store.clear("t:a", "t:b:other")


def test_several_windows_are_hit_in_one_step(store):
    store.clear("t:a", "t:b")
    store.hit("t:b", 10)
    (a, b), exact, own = store.hit_each(("t:a", 60), ("t:b", 10))
    assert ((a.hits, b.hits), exact, own) == ((1, 2), True, None)
    assert 59 < a.left <= 60
    assert 9 < b.left <= 10
    store.give_back("t:a", "t:b")
    assert (store.count("t:a"), store.count("t:b")) == (0, 1)
    store.clear("t:a", "t:b")


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
    store = Lent()
    store.hit("a", 60)
    store.gone = True
    asked = store.asked
    assert [store.hit("a", 60)[0] for _ in range(3)] == [2, 3, 4], "what was spent before stays spent"
    assert store.hit_each(("a", 60)).exact is False
    store.give_back("a")
    assert store.count("a") == 4
    store.clear("a")
    assert store.count("a") == 0
    assert store.asked == asked + 1, "the circuit is open: Redis is not asked each time"
    assert "Redis is away" in caplog.text


def test_once_redis_is_back_it_counts_again(monkeypatch):
    monkeypatch.setattr(shared, "ASK_AGAIN", 0.01)
    store = Lent()
    store.gone = True
    assert store.hit("a", 60)[0] == 1
    store.gone = False
    ends = time.monotonic() + 5
    while store.away and time.monotonic() < ends:
        time.sleep(0.01)
    counted = store.hit_each(("a", 60), ("b", 60))
    assert counted.exact is True
    assert store.lent.count("ow:a") == 1
    assert [own and own.hits for own in counted.own] == [2, None], "what was counted alone binds on until its end"
    assert store.hit_each(("b", 60)).own is None


def test_ping_says_when_redis_is_away():
    with pytest.raises(redis.RedisError):
        RedisCounters(NOWHERE).ping()


def test_sign_in_goes_on_while_redis_is_away(api, ann, sign_in, monkeypatch):
    store = Lent()
    store.gone = True
    monkeypatch.setattr("accounts.attempts.counters", lambda: store)
    assert sign_in(ann)["access_token"]
    for _ in range(10):
        response = api.call("POST", "/auth/login", {"username": ann.email, "password": "wrong"})
    assert response.status_code == 429


@pytest.mark.parametrize("now", [1877.191735485, 42.121067022, 508.917219869, 472.69155264])
def test_a_window_never_has_more_left_than_it_is_long(monkeypatch, now):
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    for seconds in range(1, 200):
        assert MemoryCounters().hit("a", seconds)[1] <= seconds
