"""Goal 13: from the start of gunicorn to its first answer, and the memory of a worker after some load."""

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most
from benchmarks.load import spread
from benchmarks.servers import Ours

GOALS = (13,)
SECONDS = (12, 40)
SERVERS = ()


def measure(bench: Bench) -> list[Figure]:
    """Seconds over several starts; megabytes of a worker that has served."""
    starts = []
    bench.cast  # noqa: B018 - before the clock runs
    for number in range(bench.few):
        bench.tick(f"start {number + 1} of {bench.few}")
        server = Ours(bench.database, bench.redis)
        try:
            starts.append(server.start())
            memory = server.memory() if number < bench.few - 1 else _after_load(bench, server)
        finally:
            server.stop()
    return [
        at_most(13, "start to first answer", spread(starts), 2, "gunicorn, two workers, migrated database", "s"),
        at_most(13, "memory a worker, RSS", memory["rss"], 90, "after load; shared pages count in each worker", "MB"),
        at_most(13, "memory a worker, PSS", memory["pss"], 90, "after load; shared pages are shared out", "MB"),
    ]


def _after_load(bench: Bench, server: Ours) -> dict[str, float]:
    bench.keyed(server, bench.cast["keys"]).burst(2)
    return server.memory()
