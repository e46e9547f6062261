"""Goal 4: what one request asks of the database and of Redis, counted on the wire between them.

One request at a time over one connection; what goes by between sending it and reading its answer is the request's.
Background work (a flush of usage, a heartbeat) may fall into that time by chance, so the figure is the median over many
requests, and what went by outside is told beside it.
"""

import statistics
import time
from collections import Counter
from urllib.parse import urlsplit

from benchmarks.bench import NOTHING, Bench
from benchmarks.figures import Figure, at_most, told
from benchmarks.servers import Line, Ours
from benchmarks.wiretap import Heard, PostgresReader, RedisReader, Tap

GOALS = (4,)
SECONDS = (9, 30)
SERVERS = ()
PAUSE = 0.004  # seconds between two requests


def measure(bench: Bench) -> list[Figure]:
    """Counts for warm and for cold keys."""
    there, store = urlsplit(bench.database), urlsplit(bench.redis)
    keys = bench.cast  # before the server: it must not be tapped
    sql = Tap(there.hostname, there.port or 5432, PostgresReader)
    redis = Tap(store.hostname, store.port or 6379, RedisReader)
    bench.tick("counting statements and commands")
    server = bench.run_ours(
        "tapped",
        there._replace(netloc=f"{there.username}:{there.password or ''}@127.0.0.1:{sql.port}").geturl()
        + "?sslmode=disable&gssencmode=disable",
        store._replace(netloc=f"127.0.0.1:{redis.port}").geturl(),
    )
    try:
        return _count(bench, server, sql, redis, keys)
    finally:
        bench.keep()
        sql.close()
        redis.close()


def _count(bench: Bench, server: Ours, sql: Tap, redis: Tap, cast: dict) -> list[Figure]:
    many = 200 if bench.quick else 1000
    line = Line(server)
    mine = cast["keys"][:8]
    for key in mine * 8:
        _ask(line, key)
    warm = [_ask(line, mine[number % len(mine)]) for number in range(many)]
    cold = [_ask(line, key) for key in cast["cold"][-many:]]
    line.close()
    figures = []
    for name, windows, most in (("warm", warm, 0), ("cold", cold, 1)):
        heard = [[one for one in sql.between(*window) if one.is_statement] for window in windows]
        statements = statistics.median(map(len, heard))
        asked = [redis.between(*window) for window in windows]
        commands = statistics.median(map(len, asked))
        writes = statistics.median(sum(one.writes for one in window) for window in heard)
        seen, of_redis = (f"median of {many} requests; {_texts(texts)}" for texts in (heard, asked))
        figures.append(at_most(4, f"{name} key: SQL statements in the request", statements, most, seen, ""))
        if name == "warm":
            figures.append(at_most(4, "warm key: Redis commands in the request", commands, 0, of_redis, ""))
        else:
            figures.append(told(4, "cold key: Redis commands in the request", commands, of_redis, ""))
        figures.append(
            at_most(4, f"{name} key: writes to the database in the request", writes, 0, "of the SQL above", "")
        )
    return [*figures, *_outside(warm, sql, redis)]


def _ask(line: Line, key: str) -> tuple[float, float]:
    time.sleep(PAUSE)
    began = time.monotonic()
    answer = line.call("GET", NOTHING.removeprefix("/api/v1"), **{"X-API-Key": key})
    assert answer.status == 200, answer
    return began, time.monotonic()


def _texts(heard: list[list[Heard]]) -> str:
    """The most usual statements, by how they begin."""
    counted = Counter(" ".join(one.text.decode(errors="replace").split())[:48] for window in heard for one in window)
    return "; ".join(f"{count} × `{text}`" for text, count in counted.most_common(3)) or "nothing heard"


def _outside(windows, sql: Tap, redis: Tap) -> list[Figure]:
    """What the background sent meanwhile, a second, by both workers."""
    since, until = windows[0][0], windows[-1][1]

    def between_requests(tap: Tap) -> float:
        inside = sum(len(tap.between(*window)) for window in windows)
        return (len(tap.between(since, until)) - inside) / (until - since)

    means = "sent by both workers between the warm requests"
    pushes = f"{means}; a push every 100 ms is 20"
    return [
        told(4, "background: SQL a second", between_requests(sql), means, "/s"),
        told(4, "background: Redis commands a second", between_requests(redis), pushes, "/s"),
    ]
