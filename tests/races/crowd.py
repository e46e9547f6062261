"""Many callers at once, and how many of them: few by default, the full numbers with RACES=full."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from tests.live import Line, Server

FULL = os.environ.get("RACES") == "full"
CALLERS = 50

capture: list = []  # pytest's own, which steps aside for a line of progress


def rounds(few: int, full: int) -> int:
    """How often to repeat."""
    return full if FULL else few


def progress(text: str) -> None:
    """A line for who waits for the full numbers."""
    if FULL:
        with capture[0].global_and_fixture_disabled():
            print(text, flush=True)


class Crowd:
    """Threads with an open connection each, which start their calls together."""

    def __init__(self, server: Server, size: int = CALLERS):
        self.server, self.size = server, size
        self._mine = threading.local()
        self._lines: list[Line] = []
        self._pool = ThreadPoolExecutor(size)

    def at_once(self, *calls) -> list:
        """Answers to simultaneous calls, each (method, path, body, headers); one call is made by everybody."""
        calls = calls * self.size if len(calls) == 1 else calls
        together = threading.Barrier(len(calls), timeout=60)
        return list(self._pool.map(lambda call: self._one(together, *call), calls))

    def close(self):
        self._pool.shutdown()
        for line in self._lines:
            line.close()

    def _one(self, together, method, path, body=None, headers=None):
        line = getattr(self._mine, "line", None)
        if line is None:
            line = self._mine.line = Line(self.server)
            line.connection.connect()  # before the start, so that nobody is late
            self._lines.append(line)
        together.wait()
        return line.call(method, path, body, **(headers or {}))
