"""A bar that says how far a run is and what it does: one line on a terminal, a line a step elsewhere."""

import sys
import time

WIDTH = 30


class Progress:
    """Counts in the seconds that the steps are expected to take.

    Args:
        total: seconds of all of them.
    """

    def __init__(self, total: float):
        self.total, self.done, self.step, self.name = total, 0.0, 0.0, ""
        self.began = self.step_began = time.monotonic()
        self.live = sys.stderr.isatty()
        self.shown = 0

    def begin(self, name: str, seconds: float) -> None:
        """The next step and how long it should take."""
        self.done += self.step
        self.name, self.step, self.step_began = name, seconds, time.monotonic()
        if not self.live:
            self._print(f"{self._clock()} {self._share():3.0f} % {name}\n")

    def tick(self, words: str) -> None:
        """What happens now."""
        if self.live:
            filled = int(WIDTH * self._share() / 100)
            bar = "█" * filled + "░" * (WIDTH - filled)
            line = f"{bar} {self._share():3.0f} % {self._clock()} {self.name}: {words}"[:118]
            self._print("\r" + line.ljust(self.shown))
            self.shown = len(line)

    def end(self) -> None:
        """Leave the line clean."""
        if self.live:
            self._print("\r" + " " * self.shown + "\r")

    def _share(self) -> float:
        into = min(self.step * 0.95, time.monotonic() - self.step_began)
        return min(100.0, 100 * (self.done + into) / self.total)

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        return f"{minutes}:{seconds:02}"

    def _print(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
