"""The figures as one SVG: a bar for each, as long as it is good, and a line where its goal is."""

from html import escape

from benchmarks.figures import Figure
from benchmarks.report import RESULTS, Run, goal_of, value_of

WIDTH, ROW, TOP = 1000, 24, 56
NAMES, BARS, NUMBERS = 16, 470, 800  # where each column begins
GOAL_AT = BARS + 160  # the line of all goals
LONGEST = NUMBERS - 12 - BARS

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.quiet { fill: #59636e; font-size: 12px }
.paper { fill: #ffffff } .met { fill: #1a7f37 } .missed { fill: #bc4c00 }
.line { stroke: #1f2328; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .quiet { fill: #9198a1 } .paper { fill: #0d1117 }
  .met { fill: #3fb950 } .missed { fill: #f0883e } .line { stroke: #e6edf3 }
}
"""


def goodness(figure: Figure) -> float:
    """How good, with 1 where the goal is: value over goal, or goal over value where less is better."""
    if figure.least:
        return figure.value / figure.bound
    if figure.bound == 0:
        return 1.0 if figure.value == 0 else 0.0
    return figure.bound / max(figure.value, figure.bound / 100)


def svg(run: Run) -> str:
    """The picture, for light and dark pages."""
    figures = [figure for figure in run.figures if figure.bound is not None]
    height = TOP + ROW * len(figures) + 16
    rows = [_row(figure, TOP + ROW * place) for place, figure in enumerate(figures)]
    met = sum(1 for figure in figures if figure.met)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">\n'
        f'<title id="title">{met} of {len(figures)} figures meet their goal</title>\n<style>{STYLE}</style>\n'
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>\n'
        f'<text class="title" x="{NAMES}" y="24">Open Wearables beside its peers</text>\n'
        f'<text class="quiet" x="{NAMES}" y="43">{met} of {len(figures)} meet their goal; {escape(run.about["took"])}; '
        f"{escape(run.about['processor'])}</text>\n"
        f'<text class="quiet" x="{GOAL_AT}" y="43" text-anchor="middle">goal</text>\n'
        + "\n".join(rows)
        + f'\n<line class="line" x1="{GOAL_AT}" x2="{GOAL_AT}" y1="{TOP - 8}" y2="{height - 12}"/>\n</svg>\n'
    )


def _row(figure: Figure, y: int) -> str:
    length = max(2, min(LONGEST, goodness(figure) * (GOAL_AT - BARS)))
    kind = "met" if figure.met else "missed"
    sign = "✓" if figure.met else "✗"
    return (
        f'<text x="{NAMES}" y="{y + 13}">{figure.goal}  {escape(_short(figure.what))}</text>'
        f'<rect class="{kind}" x="{BARS}" y="{y + 3}" width="{length:.0f}" height="13" rx="2"/>'
        f'<text x="{NUMBERS}" y="{y + 13}">{sign} {escape(value_of(figure).split(" (")[0])}'
        f'<tspan class="quiet"> goal {escape(goal_of(figure))}</tspan></text>'
    )


def _short(text: str, most: int = 62) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def write(run: Run, name: str) -> None:
    """results/NAME.svg."""
    (RESULTS / f"{name}.svg").write_text(svg(run))
