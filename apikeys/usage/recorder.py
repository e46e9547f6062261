"""From the queue of a process to the database: one thread, every USAGE_FLUSH_SECONDS and at exit."""

import atexit
import logging
import os
import threading
import time
import uuid
from collections import deque

from django.conf import settings
from django.db import DataError, Error, connection

from apikeys.usage import numbers
from apikeys.usage.observation import Observation
from apikeys.usage.totals import Totals
from apikeys.usage.writing import write
from protocol import metrics

log = logging.getLogger(__name__)


class Recorder:
    """A process's observations on their way. `append` to `queue` is all that a request does."""

    def __init__(self) -> None:
        self.queue: deque[Observation] = deque()
        self.totals = Totals()
        self.stuck: tuple[uuid.UUID, Totals] | None = None
        self.process: int | None = None
        self._ends = threading.Event()
        self._starting = threading.Lock()
        self._writing = threading.Lock()

    def start(self) -> None:
        """Start this process's thread: only once there is something, for a fork takes no threads along."""
        with self._starting:
            if self.process == os.getpid():
                return
            self.process = os.getpid()
        threading.Thread(target=self._run, name="usage", daemon=True).start()
        atexit.register(self.finish)

    def _run(self) -> None:
        while not self._ends.wait(settings.USAGE_FLUSH_SECONDS):
            try:
                self.flush()
            except Exception:
                log.exception("the usage thread goes on after an error that nobody foresaw")

    def finish(self) -> None:
        """At exit: write what is left."""
        self._ends.set()
        self.flush()
        connection.close()

    def flush(self) -> bool:
        """Add up what was seen and write it; False when the database did not take it. It is kept for the next time."""
        with self._writing:
            while self.queue:
                seen = self.queue.popleft()
                self.totals.add(seen)
                _count(seen)
            written = self._write()
            waiting = [totals.oldest for totals in (self.totals, *(self.stuck or ())[1:]) if totals.oldest]
            metrics.USAGE_LAG.set(time.time() - min(waiting) if waiting else 0)
            metrics.USAGE_WAITING.set(len(self.totals.requests) + (len(self.stuck[1].requests) if self.stuck else 0))
        return written

    def _write(self) -> bool:
        """First the batch whose outcome is not known, as it was; then what came since."""
        try:
            while self.stuck or self.totals:
                if self.stuck is None:
                    self.stuck, self.totals = (uuid.uuid4(), self.totals), Totals()
                write(*self.stuck)
                self.stuck = None
                metrics.USAGE_FLUSHES.labels("written").inc()
        except DataError:
            # A row that no database takes would stand before everybody else's for ever: the log gives way first.
            self._give_up_part()
            return False
        except Error:
            metrics.USAGE_FLUSHES.labels("failed").inc()
            log.warning("usage could not be written and is kept for the next time", exc_info=True)
            if not connection.in_atomic_block:
                connection.close()
            return False
        return True

    def _give_up_part(self) -> None:
        batch, totals = self.stuck  # type: ignore[misc]
        kept = "" if totals.requests else " and its counts"
        log.exception("a batch of usage was refused by the database: its requests%s are given up", kept)
        totals.requests.clear()
        self.stuck = (batch, totals) if not kept else None


def _count(seen: Observation) -> None:
    """/metrics writes into files, which may be gone; usage must not be."""
    try:
        numbers.add(seen)
    except OSError:
        log.warning("a number for /metrics could not be written", exc_info=True)


_recorder = Recorder()


def note(seen: Observation) -> None:
    """Remember a request that was answered."""
    _recorder.queue.append(seen)
    if _recorder.process != os.getpid() and settings.USAGE_IN_BACKGROUND:
        _recorder.start()


def flush() -> bool:
    """Write now what this process has counted (for tests, and for pages that must not be late)."""
    return _recorder.flush()
