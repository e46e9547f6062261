"""`manage.py run_jobs`: everything that must be done regularly; run it every minute, on as many servers as you like."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from accounts.jobs import Run, run
from openwearables.jobs import JOBS

NAMES = [job.name for job in JOBS]


class Command(BaseCommand):
    """Exits with 1 when a job failed; the others ran all the same. Quiet but on a terminal, as cron likes it."""

    help = (
        "Seal the audit trail, send mail that waits, sum up usage and delete what is kept no longer. Run it every "
        "minute, on any server or on all of them: a job that another server is at is left to that one."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, only, json: bool, verbosity, **options):
        """Run one after the other and say how it went."""
        runs = []
        telling = not json and verbosity and (self.stdout.isatty() or verbosity > 1)
        for job in JOBS:
            if only and job.name not in only:
                continue
            runs.append(run(job))
            if telling:
                self.stdout.write(_line(runs[-1], job.done))
        failed = [run for run in runs if run.error]
        if json:
            self.stdout.write(_as_json(runs))
        if failed:
            raise CommandError("\n".join(f"{run.name} failed: {run.error}" for run in failed))


def _line(run: Run, done: str) -> str:
    if run.error:
        return f"✗ {run.name}: {run.error}"
    if run.busy:
        return f"– {run.name}: another server is at it"
    return f"✓ {run.name}: {run.count} {done}, {run.milliseconds} ms"


def _as_json(runs: list[Run]) -> str:
    return json.dumps({"well": not any(run.error for run in runs), "jobs": [asdict(run) for run in runs]})
