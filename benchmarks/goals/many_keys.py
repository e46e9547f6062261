"""Goal 8: a request with a key that no cache knows, in a table of 10⁷ keys beside one of 10³.

In the large table 50,000 keys from everywhere in it take turns; in the small one all thousand do.
"""

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most
from benchmarks.load import interleave, ratio

GOALS = (8,)
SECONDS = (14, 300)
SERVERS = ("small", "large")


def measure(bench: Bench) -> list[Figure]:
    """The time of a request at the large size over that at the small."""
    loads = {
        "cold key, small table": bench.keyed(bench.small.server, bench.small.keys),
        "cold key, large table": bench.keyed(bench.large.server, bench.large.keys),
    }
    found = interleave(loads, rounds=bench.few, seconds=bench.seconds, tick=bench.tick)
    bench.bursts |= found
    few, many = found.values()
    size = "10⁵" if bench.quick else "10⁷"
    return [at_most(8, f"time with a cold key at {size} keys / at 10³", ratio(few, many), 1.1, "the whole request")]
