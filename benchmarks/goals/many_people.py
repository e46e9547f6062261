"""Goal 12: GET /users and GET /users/{id} with a key, at 10⁶ people beside 10³.

Twice: in a team that holds all 10⁶, and in a team of a thousand in the same table.
"""

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_most
from benchmarks.load import Load, interleave, ratio
from benchmarks.sizes import Sized

GOALS = (12,)
SECONDS = (22, 140)
SERVERS = ("small", "large")


def measure(bench: Bench) -> list[Figure]:
    """The time of a request at the large size over that at the small."""
    small, large = bench.small, bench.large
    places = {"small": (small, small.crowded), "crowded": (large, large.crowded), "usual": (large, large.usual)}
    loads = {f"{kind}, {name}": load for name, place in places.items() for kind, load in _loads(bench, *place)}
    found = interleave(loads, rounds=bench.dear, seconds=bench.seconds, tick=bench.tick)
    bench.bursts |= found
    size = "10⁵" if bench.quick else "10⁶"
    return [
        at_most(
            *(12, f"time of {kind} at {size} people, {words} / at 10³", ratio(found[f"{kind}, small"], there), 1.2),
            "by key, one page of the list as it comes without a query" if kind == "GET /users" else "by key",
        )
        for kind in ("GET /users", "GET /users/{id}")
        for name, words in (("crowded", "all in one team"), ("usual", "a thousand in the team"))
        for there in [found[f"{kind}, {name}"]]
    ]


def _loads(bench: Bench, size: Sized, asked: tuple[str, list[str]]) -> list[tuple[str, Load]]:
    key, people = asked
    one_by_one = [f"/api/v1/users/{ident}" for ident in people]
    return [
        ("GET /users", bench.keyed(size.server, [key], "/api/v1/users")),
        ("GET /users/{id}", bench.keyed(size.server, [key], *one_by_one)),
    ]
