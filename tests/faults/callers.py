"""Who calls while something breaks, and what they got: counted, so that a test can say "none"."""

import http.client
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.live import Answer, Line

FULL = os.environ.get("FAULTS", "") == "full"


def amount(few, full):
    """A number of the cut that CI makes, or the full one (`./run faults`)."""
    return full if FULL else few


@dataclass(frozen=True)
class Seen:
    """One call: when it began (time.monotonic), how long it took, what came (None: the connection broke)."""

    at: float
    seconds: float
    answer: Answer | None

    @property
    def status(self) -> int:
        return self.answer.status if self.answer else 0


def timed(act: Callable[[], Answer]) -> Seen:
    """Do it, and take the time."""
    began = time.monotonic()
    try:
        answer = act()
    except (OSError, http.client.HTTPException):
        answer = None
    return Seen(began, time.monotonic() - began, answer)


class Callers:
    """Threads that make one call again and again, each on a connection of its own, from `with` to its end.

    Args:
        calls: how many threads make which call: [(5, ("GET", "/users", None, headers)), …].
        rest: seconds between a thread's calls.
    """

    def __init__(self, server, *calls, rest: float = 0.0):
        self.server, self.rest, self.seen = server, rest, []
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=call, daemon=True) for count, call in calls for _ in range(count)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._done.set()
        for thread in self._threads:
            thread.join(60)

    def since(self, moment: float, until: float = float("inf")) -> list[Seen]:
        """The calls that began then."""
        return [one for one in self.seen if moment <= one.at < until]

    def _work(self, method, path, body=None, headers=None):
        line = Line(self.server)
        while not self._done.is_set():
            one = timed(lambda: line.call(method, path, body, **(headers or {})))
            if one.answer is None:
                line.close()
            self.seen.append(one)
            self._done.wait(self.rest)
        line.close()


def statuses(seen) -> Counter:
    """How often which status; 0 is a broken connection."""
    return Counter(one.status for one in seen)


def slowest(seen) -> float:
    """Seconds of the slowest call."""
    return max(one.seconds for one in seen)


def until(act: Callable[[], bool], within: float, pause: float = 0.02) -> float:
    """Seconds until `act` is true. Raises AssertionError when it isn't in time."""
    began = time.monotonic()
    while not act():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(pause)
    return time.monotonic() - began
