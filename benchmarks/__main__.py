"""`./run bench [--quick] [goal numbers…]`: measure, print the table, write it into benchmarks/results/."""

import argparse
import os
import signal
import sys
import time
import traceback

from benchmarks import machine, plot, report
from benchmarks.bench import Bench
from benchmarks.figures import Figure
from benchmarks.goals import ALL
from benchmarks.progress import Progress

LONGEST = {True: 600, False: 3600}  # seconds; then a run ends itself
NUMBERS = sorted(number for module in ALL for number in module.GOALS)


def a_goal(text: str) -> int:
    """A goal's number. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) not in NUMBERS:
        raise argparse.ArgumentTypeError(f"the goals are {', '.join(map(str, NUMBERS))}")
    return int(text)


def arguments() -> argparse.Namespace:
    """What was said on the command line."""
    parser = argparse.ArgumentParser(prog="./run bench", description="The goals of speed, beside their peers.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller tables")
    parser.add_argument("goals", nargs="*", type=a_goal, metavar="goal", help="1 to 14; left out, all of them")
    return parser.parse_args()


def main() -> int:
    """Run; answers the exit code: 0, or 1 when something could not be measured."""
    said = arguments()
    chosen = [module for module in ALL if not said.goals or set(module.GOALS) & set(said.goals)]
    progress = Progress(sum(module.SECONDS[not said.quick] for module in chosen))
    # A run that is told to end still drops its databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST[said.quick])
    bench = Bench(
        quick=said.quick,
        postgres=os.environ.get("BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432"),
        redis_server=os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379"),
        tick=progress.tick,
    )
    began = time.monotonic()
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    try:
        about = machine.describe(bench)
        for module in chosen:
            name = module.__name__.rpartition(".")[2]
            goals = ", ".join(map(str, module.GOALS))
            progress.begin(f"goal {goals} ({name})", module.SECONDS[not said.quick])
            try:
                bench.keep(*module.SERVERS)
                figures += module.measure(bench)
            except Exception as error:
                failed[goals] = f"{type(error).__name__}: {str(error)[:600]}"
                progress.end()
                traceback.print_exc()
    finally:
        signal.alarm(0)
        progress.tick("clearing up")
        bench.close()
        progress.end()
    if said.goals:
        figures = [figure for figure in figures if figure.goal in said.goals]
    about["took"] = f"{time.monotonic() - began:.0f} s, {'quick' if said.quick else 'full'}"
    run = report.Run(about, sorted(figures, key=lambda figure: figure.goal), bench.bursts, failed)
    name = "quick" if said.quick else "full"
    if said.goals:
        name += "-" + "-".join(map(str, sorted(said.goals)))
    report.write(run, name)
    plot.write(run, name)
    print(report.table(run))
    return 1 if failed else 0


def _too_long(*_) -> None:
    sys.exit("run: the benchmark takes too long; ended and cleared up")


if __name__ == "__main__":
    sys.exit(main())
