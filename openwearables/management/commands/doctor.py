"""`manage.py doctor`: is everything well, and what to do where it is not."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from openwearables import doctor

MARKS = {True: "✓", False: "✗", None: "–"}


class Command(BaseCommand):
    """Exits with 1 when something is not well. A setting that is refused shows before: no command starts with it."""

    help = "Look at settings, secrets, database, clock, Redis, mail, and the address and scheme the server sees."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, json: bool, **options):
        """Say each finding as it is made."""
        findings = []
        for finding in doctor.examine():
            findings.append(finding)
            if not json:
                self.stdout.write(f"{MARKS[finding.good]} {finding.part}: {finding.seen}")
                if finding.good is False:
                    self.stdout.write(f"  → {finding.fix}")
        bad = sum(finding.good is False for finding in findings)
        if json:
            self.stdout.write(_as_json(findings, bad))
        if bad:
            raise CommandError(f"{bad} of {len(findings)} are not well.")


def _as_json(findings, bad: int) -> str:
    lines = [asdict(finding) | {"fix": finding.fix if finding.good is False else None} for finding in findings]
    return json.dumps({"well": not bad, "findings": lines})
