"""Goal 10: a limit passes exactly its number over two workers, and usage counts exactly what was asked.

Then both workers are killed by SIGKILL under load: what was answered and is not counted afterwards is what the last
flush had not written, which may be USAGE_FLUSH_SECONDS of answers.
"""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

from benchmarks.bench import NOTHING, Bench
from benchmarks.figures import Figure, at_most, told
from benchmarks.servers import Line, Ours

GOALS = (10,)
SECONDS = (18, 60)
SERVERS = ()
PATH = NOTHING.removeprefix("/api/v1")
LIMIT = 200
CALLERS = 8
FLUSHED = 4.0  # seconds after which every worker has written what it counted
FLUSH = 2.0  # USAGE_FLUSH_SECONDS as shipped


def measure(bench: Bench) -> list[Figure]:
    """Passed beyond the limits; counted beside asked; lost at SIGKILL."""
    bench.cast  # noqa: B018 - its people first
    server = bench.run_ours("exact", bench.database)
    return [*_limits(bench, server), *_counted(bench, server), *_killed(bench, server)]


def _limits(bench: Bench, server: Ours) -> list[Figure]:
    """Keys with a limit of 200 an hour, four times as many calls from eight connections at once."""
    keys = bench.cast["cold"][-3000:][: 3 if bench.quick else 20]
    with psycopg.connect(bench.database, autocommit=True) as connection:
        public_ids = [key.split("_")[2] for key in keys]
        connection.execute(
            "UPDATE apikeys_apikey SET rate_limit = %s, rate_seconds = 3600 WHERE public_id = ANY(%s)",
            [LIMIT, public_ids],
        )
    passed = []
    for number, key in enumerate(keys):
        bench.tick(f"limit {number + 1} of {len(keys)}")
        statuses = _ask_often(server, key, LIMIT // 2)
        passed.append(statuses.count(200))
        assert set(statuses) <= {200, 429}, set(statuses)
    means = f"{len(keys)} keys, {LIMIT} an hour, {CALLERS * (LIMIT // 2)} calls at once over {server.workers} workers"
    return [
        at_most(10, "calls beyond a limit", sum(max(0, count - LIMIT) for count in passed), 0, means, ""),
        at_most(10, "calls short of a limit", sum(max(0, LIMIT - count) for count in passed), 0, means, ""),
    ]


def _counted(bench: Bench, server: Ours) -> list[Figure]:
    bench.tick("counting usage")
    key = bench.cast["keys"][100]
    before = _usage(bench, key)
    asked = len(_ask_often(server, key, 100 if bench.quick else 1000))
    counted = _usage(bench, key, expected=before + asked) - before
    means = f"{asked} asked, {counted} counted"
    return [at_most(10, "usage counted, off by", abs(asked - counted), 0, means, "calls")]


def _killed(bench: Bench, server: Ours) -> list[Figure]:
    bench.tick("killing both workers under load")
    key = bench.cast["keys"][101]
    before = _usage(bench, key)
    answered: list[float] = []
    over = threading.Event()

    def ask() -> None:
        line = Line(server)
        while not over.is_set():
            try:
                if line.call("GET", PATH, **{"X-API-Key": key}).status == 200:
                    answered.append(time.monotonic())
            except Exception:
                return
            time.sleep(0.005)

    callers = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
    for caller in callers:
        caller.start()
    time.sleep(2.5 * FLUSH)
    killed = time.monotonic()
    for pid in server.pids():
        os.kill(pid, signal.SIGKILL)
    over.set()
    for caller in callers:
        caller.join(10)
    lost = sum(1 for at in answered if at <= killed) - (_usage(bench, key, expected=before + len(answered)) - before)
    last = sum(1 for at in answered if killed - FLUSH * 1.25 <= at <= killed)
    means = f"{len(answered)} answered, {last} of them in the last {FLUSH * 1.25} s, which a flush may take to come"
    return [
        at_most(10, "counts lost at SIGKILL / answers since the last flush", max(0, lost) / max(1, last), 1, means),
        told(10, "counts lost at SIGKILL", lost, means, "calls"),
    ]


def _ask_often(server: Ours, key: str, each: int) -> list[int]:
    """The statuses of `each` calls from every caller, on a connection each."""

    def ask(_) -> list[int]:
        line = Line(server)
        found = [line.call("GET", PATH, **{"X-API-Key": key}).status for _ in range(each)]
        line.close()
        return found

    with ThreadPoolExecutor(CALLERS) as pool:
        return [status for found in pool.map(ask, range(CALLERS)) for status in found]


def _usage(bench: Bench, key: str, *, expected: int = 0) -> int:
    """What is counted for a key, as soon as it is what is expected or every worker must have written."""
    ends = time.monotonic() + FLUSHED
    with psycopg.connect(bench.database, autocommit=True) as connection:
        while True:
            counted = connection.execute(
                "SELECT coalesce(sum(count), 0)::bigint FROM apikeys_usagehour JOIN apikeys_apikey ON key_id = id"
                " WHERE public_id = %s",
                [key.split("_")[2]],
            ).fetchone()[0]
            if counted == expected or not expected or time.monotonic() > ends:
                return counted
            time.sleep(0.1)
