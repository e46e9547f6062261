"""wrk over a file of requests, and rounds of short bursts that take turns, so that noise hits all alike."""

import itertools
import json
import re
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import Served

HERE = Path(__file__).parent
CONNECTIONS = 8
_numbers = itertools.count()


class Broken(RuntimeError):
    """A figure that can't be trusted: some answers were errors."""


@dataclass(frozen=True)
class Burst:
    """What came of one burst; times in microseconds, `cpu` is the workers' per request."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: int
    p99: int
    cpu: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def get(path: str, **headers: str) -> str:
    """A line for replay.lua; `X_Api_Key` becomes the header X-Api-Key."""
    named = "|".join(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())
    return f"GET\t{path}\t{named}\t"


def post(path: str, body: dict) -> str:
    """A line for replay.lua with a JSON body."""
    return f"POST\t{path}\tContent-Type: application/json\t{json.dumps(body)}"


def words_of(server: Served, script: str, *words: str, path="/", seconds: int, connections: int) -> list[str]:
    """The command line of one run of wrk."""
    sent = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(HERE / script)]
    return [*sent, f"{server.url}{path}", "--", *words]


def read(output: str) -> dict:
    """What the script printed at the end of a run. Raises Broken."""
    found = re.search(r"^wrk (\{.*\})$", output, re.M)
    if not found:
        raise Broken(f"wrk said: {output[-500:]}")
    return json.loads(found[1])


def wrk(*args, seconds: int, **options) -> dict:
    """Run wrk to its end; arguments as `words_of`."""
    words = words_of(*args, seconds=seconds, **options)
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60, check=False)
    return read(done.stdout + done.stderr)


class Load:
    """Requests that take turns. Each burst goes on where the last one ended, so what is asked once stays new.

    Args:
        requests: lines of `get` and `post`.
        strict: an error among the answers breaks the figure.
    """

    def __init__(self, server: Served, requests: Sequence[str], *, connections=CONNECTIONS, strict=True):
        self.server, self.connections, self.strict = server, connections, strict
        self.file = server.folder / f"requests-{next(_numbers)}"
        self.file.write_text("".join(f"{line}\n" for line in requests))
        self.size, self.sent = len(requests), 0

    def burst(self, seconds: int) -> Burst:
        """Ask for some seconds."""
        before = self.server.cpu()
        found = self.run(seconds)
        if not found["requests"]:  # the first after a start on a busy machine, or answers that take longer than this
            found = self.run(4 * seconds)
        cpu = self.server.cpu() - before
        done = Burst(**found, cpu=cpu / max(1, found["requests"]) * 1e6)
        self.sent += done.requests + self.connections + 1
        if self.strict and (done.refused or done.broken or not done.requests):
            raise Broken(f"{self.file.read_text().split()[1]}: {done}: {self.server.logged()[-500:]}")
        return done

    def run(self, seconds: int) -> dict:
        """One run of wrk."""
        words = (str(self.file), str(self.sent))
        return wrk(self.server, "replay.lua", *words, seconds=seconds, connections=self.connections)


class RefreshLoad(Load):
    """Refresh tokens, each exchanged for its successor."""

    def __init__(self, server: Served, path: str, field: str, tokens: Sequence[str]):
        super().__init__(server, tokens)
        self.path, self.field = path, field

    def run(self, seconds: int) -> dict:
        """One run of wrk, which leaves the tokens that are good now."""
        words = (str(self.file), self.field)
        run = wrk(self.server, "refresh.lua", *words, path=self.path, seconds=seconds, connections=self.connections)
        if not self.file.read_text().strip():
            raise Broken(f"{self.path}: no refresh token is left: {run}")
        return run


def interleave(
    loads: dict[str, Load], *, rounds: int, seconds: int, tick: Callable[[str], None]
) -> dict[str, list[Burst]]:
    """Bursts of each load in turn, every other round from the last to the first."""
    found: dict[str, list[Burst]] = {name: [] for name in loads}
    for number in range(rounds):
        for name in sorted(loads, key=list(loads).index, reverse=bool(number % 2)):
            tick(f"{name}, round {number + 1} of {rounds}")
            found[name].append(loads[name].burst(seconds))
    return found


@dataclass(frozen=True)
class Ratio:
    """The median over the rounds, and the lowest and highest."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Ratio:
    """The median of some values with its range."""
    return Ratio(statistics.median(values), min(values), max(values))


def ratio(upper: list[Burst], lower: list[Burst], of: str = "rate") -> Ratio:
    """Of each round's two bursts, one over the other."""
    return spread([getattr(a, of) / max(getattr(b, of), 1e-9) for a, b in zip(upper, lower, strict=True)])
