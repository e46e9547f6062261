"""`manage.py offboard EMAIL`: somebody leaves the house."""

import json

from django.core.management.base import BaseCommand, CommandError

from accounts import terminal
from accounts.models import Developer
from apikeys import offboarding
from apikeys.offboarding import DEFAULT_OVERLAP, LONGEST_OVERLAP, Fate, Left

DAY = 86400
DONE = {Fate.KEEP: "kept and marked", Fate.EXPIRE: "will expire: rotate before", Fate.REVOKE: "revoked"}


class Command(BaseCommand):
    """Disables the account, ends its sign-ins and invitations, and decides on the keys whose text it saw."""

    help = (
        "Somebody leaves: disable the account at once, end every sign-in and every invitation they sent, and decide on "
        "the keys whose text they saw. keep: they work on and are marked, in portal and admin. expire: they end after "
        "--overlap seconds, and their teams' owners are told to rotate them before. revoke: they stop now. Enabling "
        "the account again gives no key back. A second run changes only keys."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("email", help="who leaves")
        parser.add_argument("--keys", choices=Fate.values, default=Fate.KEEP, help="what becomes of the keys (keep)")
        parser.add_argument(
            "--overlap", type=int, default=DEFAULT_OVERLAP, metavar="SECONDS", help="with expire: until then (7 days)"
        )
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, email, keys, overlap, noinput, json: bool, verbosity, **options):
        """Do all of it, or nothing."""
        if not 0 <= overlap <= LONGEST_OVERLAP:
            raise CommandError(f"--overlap is 0 to {LONGEST_OVERLAP} seconds.")
        try:
            developer = Developer.objects.get_by_natural_key(email)
        except Developer.DoesNotExist as error:
            raise CommandError("Nobody has this e-mail address.") from error
        fate, seen = Fate(keys), offboarding.keys_seen_by(developer).count()
        terminal.confirm(f"This ends every sign-in of {developer.email}; {seen} keys: {DONE[fate]}.", noinput=noinput)
        left = offboarding.disable(developer, by="command", fate=fate, overlap=overlap)
        if json:
            self.stdout.write(_as_json(developer, left))
        elif verbosity:
            self.stdout.write(f"{developer.email} is disabled; {left.ended} sign-ins ended.")
            for key in left.changed:
                self.stdout.write(f"  {key.key_prefix}  {key.name}: {DONE[fate]}")
            for key in left.kept:
                self.stdout.write(f"  {key.key_prefix}  {key.name}: {_why_kept(key)}")


def _why_kept(key) -> str:
    return f"works until {key.expires_at:%F %T} UTC" if key.expires_at else DONE[Fate.KEEP]


def _as_json(developer: Developer, left: Left) -> str:
    def rows(found):
        return [
            {
                "id": str(key.pk),
                "key_prefix": key.key_prefix,
                "team_id": str(key.team_id),
                "expires_at": key.expires_at.isoformat() if key.expires_at else None,
            }
            for key in found
        ]

    return json.dumps(
        {
            "id": str(developer.pk),
            "email": developer.email,
            "ended_sessions": left.ended,
            "changed_keys": rows(left.changed),
            "kept_keys": rows(left.kept),
        }
    )
