"""The results as JSON and as a Markdown table."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.load import Burst, spread

RESULTS = Path(__file__).parent / "results"
MET = {True: "yes", False: "**no**", None: ""}


@dataclass(frozen=True)
class Run:
    """What a run found: about the machine, the figures, every burst by name, and what could not be measured."""

    about: dict[str, str]
    figures: list[Figure]
    bursts: dict[str, list[Burst]]
    failed: dict[str, str]


def number(value: float, unit: str) -> str:
    """As it is shown: two digits after the point for ratios, whole counts, the unit behind."""
    if unit in ("×", "s", "MB"):
        return f"{value:.2f} {unit}"
    text = f"{value:.0f}" if value == int(value) or abs(value) >= 10 else f"{value:.2f}"
    return f"{text} {unit}".strip()


def value_of(figure: Figure) -> str:
    """The figure with its range, if it has one."""
    text = number(figure.value, figure.unit)
    if figure.low is not None and figure.high is not None:
        low, high = (number(end, figure.unit).removesuffix(figure.unit).strip() for end in (figure.low, figure.high))
        text += f" ({low}–{high})"
    return text


def goal_of(figure: Figure) -> str:
    """The goal, as in `≥ 2.5 ×`."""
    if figure.bound is None:
        return ""
    return f"{'≥' if figure.least else '≤'} {f'{figure.bound:g} {figure.unit}'.strip()}"


def table(run: Run) -> str:
    """The figures and what they mean."""
    rows = ["| # | what | figure (range of the rounds) | goal | met | what it says |", "|---|---|---|---|---|---|"]
    for figure in run.figures:
        cells = (figure.goal, figure.what, value_of(figure), goal_of(figure), MET[figure.met], figure.means)
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    rows += [f"| {goals} | could not be measured | | | **no** | {_flat(why)} |" for goals, why in run.failed.items()]
    return "\n".join(rows)


def bursts_table(run: Run) -> str:
    """Medians of what was sent: absolute numbers, which mean something beside each other only."""
    rows = [
        "| sent | requests a second | CPU a request, µs | p50, µs | p99, µs | bursts |",
        "|---|---|---|---|---|---|",
    ]
    for name, bursts in run.bursts.items():
        medians = [spread([getattr(burst, of) for burst in bursts]).median for of in ("rate", "cpu", "p50", "p99")]
        cells = [name, *(f"{median:.0f}" for median in medians), str(len(bursts))]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def write(run: Run, name: str) -> None:
    """results/NAME.md and results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    found = {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "about": run.about,
        "figures": [figure.as_json() for figure in run.figures],
        "bursts": {of: [{**vars(burst), "rate": burst.rate} for burst in bursts] for of, bursts in run.bursts.items()},
        "failed": run.failed,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    about = "\n".join(["| | |", "|---|---|", *(f"| {key} | {_flat(value)} |" for key, value in run.about.items())])
    (RESULTS / f"{name}.md").write_text(
        f"# Benchmark, {name}: {found['taken'][:10]}\n\n"
        f"`./run bench`; [how to read this](../README.md).\n\n![each figure beside its goal]({name}.svg)\n\n"
        f"{table(run)}\n\n## What was sent\n\nAbsolute numbers mean something beside each other only: one machine "
        f"ran all of it, load generator and databases included.\n\n{bursts_table(run)}\n\n## On what\n\n{about}\n"
    )


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
