"""What a goal yields: a number, what it had to be, and what it means."""

from dataclasses import asdict, dataclass

from benchmarks.load import Ratio


@dataclass(frozen=True)
class Figure:
    """One number of one goal.

    Args:
        goal: its number in the table of goals.
        what: what is compared with what.
        value: the median over the rounds, or the count.
        bound: what it had to be at least, or at most; None for a figure that only explains.
        means: a sentence for who reads the table.
        low, high: the range over the rounds.
    """

    goal: int
    what: str
    value: float
    bound: float | None
    least: bool
    means: str
    unit: str = "×"
    low: float | None = None
    high: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, to the two digits that are shown; None without a goal."""
        if self.bound is None:
            return None
        shown = round(self.value, 2)
        return shown >= self.bound if self.least else shown <= self.bound

    def as_json(self) -> dict:
        """All of it, for results.json."""
        return {**asdict(self), "met": self.met}


def at_least(goal: int, what: str, found: Ratio | float, bound: float, means: str, unit: str = "×") -> Figure:
    """A figure that should be `bound` or more."""
    return _figure(goal, what, found, bound, True, means, unit)


def at_most(goal: int, what: str, found: Ratio | float, bound: float, means: str, unit: str = "×") -> Figure:
    """A figure that should be `bound` or less."""
    return _figure(goal, what, found, bound, False, means, unit)


def told(goal: int, what: str, found: Ratio | float, means: str, unit: str = "×") -> Figure:
    """A figure without a goal."""
    return _figure(goal, what, found, None, True, means, unit)


def _figure(goal, what, found, bound, least, means, unit) -> Figure:
    if isinstance(found, Ratio):
        return Figure(goal, what, found.median, bound, least, means, unit, found.low, found.high)
    return Figure(goal, what, found, bound, least, means, unit)
