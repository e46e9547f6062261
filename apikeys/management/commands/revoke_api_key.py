"""`manage.py revoke_api_key`: end a key for good, from the shell."""

import json
import re
import sys
import uuid

from django.core.management.base import BaseCommand, CommandError

from apikeys import keys
from apikeys.models import ApiKey
from protocol.masking import mask

REASON_LENGTH = 200
PREFIX = re.compile(rf"ow_(live|test)_([0-9A-Za-z]{{{keys.PUBLIC_ID_LENGTH}}})(?:_[0-9A-Za-z]*|_?…)?")


class Command(BaseCommand):
    """Revokes the key that is named by id, by prefix, or by its whole text, which is never shown again."""

    help = (
        "Revoke an API key, at once and for good. Name it by its id, its prefix (ow_live_…), or the whole key; "
        "- reads one line from stdin, which keeps a whole key out of the list of processes."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("key", help="id, prefix, whole key, or -")
        parser.add_argument(
            "--compromised", nargs="?", const="", metavar="REASON", help="somebody else may have it; kept in the audit"
        )
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, key, compromised, json: bool, verbosity, **options):
        """Revoke it and say what else is still good."""
        row = _find(sys.stdin.readline().strip() if key == "-" else key.strip())
        changed = row.revoke(by="command", reason=_reason(compromised))
        linked = list(
            ApiKey.objects.usable().filter(pk__in=[pk for pk in (row.rotated_from_id, row.replaced_by()) if pk])
        )
        if json:
            self.stdout.write(_as_json(row, changed, linked))
        elif verbosity:
            if changed:
                self.stdout.write(f"{row} of {row.team.name} is revoked. Calls with it now get 401.")
            else:
                self.stdout.write(f"{row} was revoked already, {row.revoked_at:%F %T} UTC.")
        if verbosity:
            for other in linked:
                self.stderr.write(f"Still good: {other.key_prefix}, linked to it by rotation.")


def _find(text: str) -> ApiKey:
    """The key that `text` names. No error repeats the text: it may be a whole key."""
    rows = ApiKey.objects.select_related("team")
    if named := PREFIX.fullmatch(text):
        row = rows.filter(environment=named[1], public_id=named[2]).first()
    else:
        try:
            row = rows.filter(pk=uuid.UUID(text)).first()
        except ValueError as error:
            raise CommandError(
                "Name the key by its id, its prefix (ow_live_ and 12 characters) or the whole."
            ) from error
    if row is None:
        raise CommandError("There is no such key.")
    return row


def _reason(compromised: str | None) -> str:
    if compromised is None:
        return ""
    return mask(f"compromised: {compromised}" if compromised else "compromised")[:REASON_LENGTH]


def _as_json(row: ApiKey, changed: bool, linked: list[ApiKey]) -> str:
    return json.dumps(
        {
            "id": str(row.pk),
            "key_prefix": row.key_prefix,
            "team_id": str(row.team_id),
            "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
            "changed": changed,
            "still_good": [other.key_prefix for other in linked],
        }
    )
