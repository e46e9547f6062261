"""`manage.py verify_audit`: whether the audit trail is as it was written."""

import argparse
import json
import re
from functools import partial

from django.core.management.base import BaseCommand, CommandError

from accounts import audit, terminal
from accounts.models import AuditEvent, AuditSeal


def anchor(text: str) -> tuple[int, str]:
    """Read N:HASH."""
    match = re.fullmatch(r"([1-9]\d{0,8}):([0-9a-f]{64})", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError("write an anchor as seal_audit prints it, N:HASH")
    return int(match[1]), match[2]


class Command(BaseCommand):
    """Exits with 1 and the first fault's name when an event or a seal was changed, cut or added."""

    help = (
        "Verify every seal of the audit trail. Seals that were noted outside the database (--anchor, or the log) also "
        "show a trail that was cut and sealed anew."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("--anchor", type=anchor, action="extend", nargs="+", default=[], metavar="N:HASH")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object, with every fault")

    def handle(self, *, anchor, json: bool, verbosity, **options):
        """Verify and say."""
        seals = AuditSeal.objects.count()
        each = partial(terminal.progress, total=seals, label="Verifying", quiet=not verbosity)
        faults = list(audit.faults(dict(anchor), each=each))
        waiting = AuditEvent.objects.filter(seal=None)
        since = waiting.order_by("at").values_list("at", flat=True).first()
        if json:
            self.stdout.write(_as_json(faults, seals, waiting.count(), since))
        elif verbosity and not faults:
            self.stdout.write(f"The audit trail is whole: {seals} seals hold.")
        if verbosity and not json and since:
            self.stderr.write(f"Not sealed yet, and so not verified: {waiting.count()} events since {since:%F %T} UTC.")
        if faults:
            more = f" (and {len(faults) - 1} more faults: --json lists them)" if len(faults) > 1 and not json else ""
            raise CommandError(f"The audit trail is not whole: {faults[0]}{more}")


def _as_json(faults: list[str], seals: int, unsealed: int, since) -> str:
    return json.dumps(
        {
            "whole": not faults,
            "faults": faults,
            "seals": seals,
            "unsealed": unsealed,
            "unsealed_since": since.isoformat() if since else None,
        }
    )
