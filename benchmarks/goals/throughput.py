"""Goals 1, 2, 3, 5 and 11: what a request costs around a view that does nothing, ours and the peers', in one run.

Ours is the whole stack as it is shipped, with limits, usage and request log on. The peers run without any middleware,
limit nothing and count nothing. The floor is a plain Django view without middleware.
"""

from benchmarks.bench import NOTHING, Bench
from benchmarks.figures import Figure, at_least, at_most, told
from benchmarks.load import Load, get, interleave, ratio

GOALS = (1, 2, 3, 5, 11)
SECONDS = (60, 260)
SERVERS = ("ours", "peers")

API_KEY, JWT, KNOX = "djangorestframework-api-key", "SimpleJWT JWTAuthentication", "django-rest-knox"
FLOOR, BARE = "plain Django view", "bare DRF view"
WARM, COLD, DEVELOPER = "ours, warm key", "ours, cold key", "ours, developer session"
PEERS = {API_KEY: 2.5, JWT: 3, KNOX: 4}  # what a warm key should be of each


def loads_of(bench: Bench) -> dict[str, Load]:
    """Every road through both servers, 256 credentials in turn; a cold key is used once and never again."""
    ours, peers = bench.ours, bench.peers
    return {
        FLOOR: Load(peers, [get("/floor")]),
        BARE: Load(peers, [get("/bare")]),
        WARM: bench.keyed(ours, bench.cast["keys"]),
        COLD: bench.keyed(ours, bench.cast["cold"]),
        API_KEY: Load(peers, [get("/api-key", Authorization=f"Api-Key {key}") for key in bench.peer_cast["api_key"]]),
        DEVELOPER: Load(ours, [get(NOTHING, Authorization=f"Bearer {token}") for token in bench.cast["access"]]),
        JWT: Load(peers, [get("/jwt", Authorization=f"Bearer {token}") for token in bench.peer_cast["access"]]),
        KNOX: Load(peers, [get("/knox", Authorization=f"Token {token}") for token in bench.peer_cast["knox"]]),
    }


def measure(bench: Bench) -> list[Figure]:
    """The ratios of the rounds, and the p99 of the warm key beside the floor's."""
    loads = loads_of(bench)
    if bench.quick:
        del loads[BARE]  # which only explains
    for name in (WARM, DEVELOPER, FLOOR):
        bench.tick(f"{name}, warming up")
        loads[name].burst(1)
    found = interleave(loads, rounds=bench.rounds, seconds=bench.seconds, tick=bench.tick)
    bench.bursts |= found
    figures = [
        at_least(*_beside(1, found, WARM, FLOOR), 0.70, _by_cpu(found, WARM, FLOOR)),
        *(at_least(*_beside(2, found, WARM, peer), least, _by_cpu(found, WARM, peer)) for peer, least in PEERS.items()),
        at_least(*_beside(3, found, COLD, API_KEY), 1.5, _by_cpu(found, COLD, API_KEY)),
        at_least(*_beside(5, found, DEVELOPER, JWT), 2.5, _by_cpu(found, DEVELOPER, JWT)),
        at_most(
            *(11, f"p99 of {WARM} / of {FLOOR}", ratio(found[WARM], found[FLOOR], "p99"), 1.2),
            "the slowest in a hundred",
        ),
    ]
    if loads[COLD].sent > len(bench.cast["cold"]):
        figures.append(told(3, "cold keys ran out", 1, "more requests than keys: some were seen before", ""))
    return figures


def _beside(goal: int, found: dict, ours: str, other: str) -> tuple:
    return goal, f"{ours} / {other}", ratio(found[ours], found[other])


def _by_cpu(found: dict, ours: str, other: str) -> str:
    by_cpu = ratio(found[other], found[ours], "cpu")
    return f"requests a second; by CPU time of the workers {by_cpu.median:.2f} ({by_cpu.low:.2f}–{by_cpu.high:.2f})"
