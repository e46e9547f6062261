"""Counters of this process alone."""

import threading
import time
from typing import NamedTuple

SWEEP_EVERY = 10_000  # hits between two sweeps of windows that are over


class Count(NamedTuple):
    """What a window holds now, and the seconds it has left."""

    hits: int
    left: float


class Counted(NamedTuple):
    """What several windows hold after one hit on each.

    `exact` is false when only this process was counted. `own` is what this process counted alone in windows that are
    still open, None for none: after Redis is back they bind on, or one window could be spent twice.
    """

    windows: list[Count]
    exact: bool = True
    own: list[Count | None] | None = None


class MemoryCounters:
    """Windows in a dict, behind one lock."""

    away = False  # there is nothing that could be

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._hits = 0

    def hit(self, name: str, seconds: float) -> Count:
        """Add one to the window `name`, `seconds` long."""
        now = time.monotonic()
        with self._lock:
            return self._hit(name, seconds, now)

    def hit_each(self, *windows: tuple[str, float]) -> Counted:
        """Add one to each window (name, seconds), all at once."""
        now = time.monotonic()
        with self._lock:
            return Counted([self._hit(name, seconds, now) for name, seconds in windows])

    def _hit(self, name: str, seconds: float, now: float) -> Count:
        self._sweep(now)
        count, ends = self._windows.get(name, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + seconds
        self._windows[name] = (count + 1, ends)
        # (now + seconds) - now can come out a hair above: 60.000000001 seconds would be told as 61.
        return Count(count + 1, min(ends - now, seconds))

    def begin(self, name: str, hits: int, ends: float) -> None:
        """Open a window as it stands elsewhere, until `ends` (time.monotonic()); one that is open here stays."""
        with self._lock:
            if self._windows.get(name, (0, 0.0))[1] <= time.monotonic():
                self._windows[name] = (hits, ends)

    def hit_open(self, *windows: tuple[str, float]) -> list[Count | None] | None:
        """Add one to those of the windows that are open; None when none is."""
        now = time.monotonic()
        with self._lock:
            found = [
                self._hit(name, seconds, now) if self._windows.get(name, (0, 0.0))[1] > now else None
                for name, seconds in windows
            ]
        return found if any(found) else None

    def is_empty(self) -> bool:
        """Whether no window was opened since the last sweep."""
        return not self._windows

    def give_back(self, *names: str) -> None:
        """Take one hit back from each; a window that has ended or is empty stays as it is."""
        now = time.monotonic()
        with self._lock:
            for name in names:
                count, ends = self._windows.get(name, (0, 0.0))
                if count and ends > now:
                    self._windows[name] = (count - 1, ends)

    def count(self, name: str) -> int:
        """What the window holds now."""
        with self._lock:
            count, ends = self._windows.get(name, (0, 0.0))
            return count if ends > time.monotonic() else 0

    def clear(self, *names: str) -> None:
        """Forget these windows."""
        with self._lock:
            for name in names:
                self._windows.pop(name, None)

    def reset(self) -> None:
        """Forget everything (for tests)."""
        with self._lock:
            self._windows.clear()

    def _sweep(self, now: float) -> None:
        self._hits += 1
        if self._hits % SWEEP_EVERY == 0:
            self._windows = {name: window for name, window in self._windows.items() if window[1] > now}
