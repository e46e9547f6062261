"""`manage.py after_restore`: what a backup brought back to life must not open anything."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import factors, invitations, terminal, tokens
from accounts.models import Developer
from apikeys.models import ApiKey


class Command(BaseCommand):
    """Ends sessions, invitations, recovery codes and keys that changed lately. A second run finds nothing to do."""

    help = (
        "After a restore, before servers start: end every session, take every invitation back, void every recovery "
        "code and disable the keys that were made or changed after --since. What was signed out, used or revoked after "
        "the backup lives in it still, "
        "and nothing in it says so: choose a time from which on you are sure of nothing. Every link "
        "in a mail that was sent before is void."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument(
            "--since", type=terminal.moment, required=True, metavar="TIME", help="ISO 8601, like 2026-01-31T12:00Z"
        )
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, since, noinput, json: bool, verbosity, **options):
        """Do all, or nothing."""
        if since > timezone.now():
            raise CommandError("--since lies ahead: say when the backup was made, or earlier.")
        doubtful = ApiKey.objects.with_status("active").changed_since(since)
        total = doubtful.count()
        terminal.confirm(
            f"This ends every session and voids the recovery codes of everybody, and disables {total} keys.",
            noinput=noinput,
        )
        with transaction.atomic():
            Developer.objects.update(links_from=timezone.now())
            ended = tokens.close_everybodys(by="command", reason="restored")
            revoked = invitations.revoke_all(by="command")
            voided = factors.void_recovery_codes(by="command", reason="restored")
            disabled = [
                key
                for key in terminal.progress(list(doubtful), total, "Disabling", quiet=not verbosity)
                if key.disable(by="command", reason="restored")
            ]
        if json:
            self.stdout.write(_as_json(since, ended, revoked, voided, disabled))
        elif verbosity:
            self.stdout.write(
                f"Ended {ended} sessions, took {revoked} invitations back and disabled {len(disabled)} keys."
            )
            if voided:
                self.stdout.write(
                    f"Voided the recovery codes of {voided} people: tell them to make new ones (Security)."
                )
            for key in disabled:
                self.stdout.write(f"  {key.key_prefix}  {key.name}")
            if disabled:
                self.stdout.write("Their owners, or the admin, may enable the keys that are known to be good.")


def _as_json(since, ended: int, revoked: int, voided: int, disabled: list[ApiKey]) -> str:
    return json.dumps(
        {
            "since": since.isoformat(),
            "ended_sessions": ended,
            "revoked_invitations": revoked,
            "voided_recovery_codes": voided,
            "disabled_keys": [
                {"id": str(key.pk), "key_prefix": key.key_prefix, "team_id": str(key.team_id)} for key in disabled
            ],
        }
    )
