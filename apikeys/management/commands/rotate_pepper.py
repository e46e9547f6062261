"""`manage.py rotate_pepper`: from one pepper to the next without a refusal."""

import json
from dataclasses import asdict

from django.core.management.base import CommandError

from accounts import key_sets, terminal
from accounts.rotation import KeySetCommand
from apikeys import peppers


class Command(KeySetCommand):
    """Prints the next value of API_KEY_PEPPERS, alone on stdout, and on stderr what to do with it."""

    setting, letter, noun = "API_KEY_PEPPERS", "p", "pepper"
    help = (
        "Print the next API_KEY_PEPPERS: with a new pepper last (1); with that pepper first, --promote (2); and see "
        "with --status when an old one can be taken out (3). Set each value and restart every server before the next "
        "step. With --write the line in .env is changed instead of printed."
    )

    def add_arguments(self, parser):
        """The options."""
        step = parser.add_mutually_exclusive_group()
        step.add_argument("--promote", nargs="?", const="", metavar="ID", help="move the last pepper, or ID, first")
        step.add_argument("--status", action="store_true", help="how many keys are left on each pepper")
        step.add_argument("--compromised", metavar="ID", help="somebody else may know ID: put a fresh one before it")
        step.add_argument("--lost", metavar="ID", help="nobody has ID any more: revoke the keys that only it verified")
        parser.add_argument("--write", action="store_true", help="change the line in .env; its mode stays")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")
        parser.add_argument("--json", action="store_true", help="with --status: answer as one JSON object")

    def handle(self, *, promote, status, compromised, lost, write, noinput, json: bool, verbosity, **options):
        """Do the step that was asked for."""
        if status:
            self._status(json)
        elif lost is not None:
            self._revoke(lost, noinput, quiet=not verbosity)
        elif compromised is not None:
            self._replace(compromised, write)
        elif promote is not None:
            self._promote(self.promotable(promote), write)
        else:
            new, ident = key_sets.added(self.key_set, self.letter)
            self.answer(new, write=write)
            self.stderr.write(
                f"{ident} is last: it verifies, and digests no new key yet.\n"
                "1. Set this value and restart every server.\n"
                "2. Then: manage.py rotate_pepper --promote"
            )

    def _promote(self, ident: str, write: bool) -> None:
        self.answer(key_sets.promoted(self.key_set, ident), write=write)
        self.stderr.write(
            f"{ident} is first: new and rotated keys are digested with it as soon as servers start with this value.\n"
            "1. Set this value and restart every server.\n"
            "2. Old keys stay on the old pepper until they are rotated, revoked or expired: manage.py rotate_pepper "
            "--status\n"
            "3. When none is left there, take the old pepper out of the value and restart once more."
        )

    def _replace(self, ident: str, write: bool) -> None:
        self.require(ident)
        new, fresh = key_sets.added(self.key_set, self.letter)
        self.answer(key_sets.promoted(new, fresh), write=write)
        self.stderr.write(
            f"A pepper alone tells nobody a key: keys are 256 random bits. But whoever knows {ident} and can write to "
            "the database could plant a key of their own.\n"
            f"1. Set this value, in which {fresh} digests and {ident} only verifies, and restart every server. A key "
            "made on a server that still has the former value fails on the others until all have restarted.\n"
            "2. If the database may have been written to as well, look for keys that nobody made, and revoke them.\n"
            f"3. Have the keys under {ident} rotated (manage.py rotate_pepper --status counts them), then take it out."
        )

    def _revoke(self, ident: str, noinput: bool, *, quiet: bool) -> None:
        rows = peppers.under(ident)
        total = rows.count()
        if not total:
            raise CommandError(f"No key needs {ident}.")
        terminal.confirm(f"This revokes {total} keys for good.", noinput=noinput)
        revoked = sum(
            key.revoke(by="command", reason="pepper_lost")
            for key in terminal.progress(list(rows), total, "Revoking", quiet=quiet)
        )
        self.stderr.write(f"Revoked {revoked} keys under {ident}.")

    def _status(self, as_json: bool) -> None:
        rows = peppers.needed()
        if as_json:
            self.stdout.write(json.dumps({"digests": rows[0].pepper, "peppers": [asdict(row) for row in rows]}))
            return
        for row in rows:
            role = "digests new keys" if row is rows[0] else "only verifies" if row.configured else "IS NOT CONFIGURED"
            asleep = f", {row.asleep} disabled or suspended" if row.asleep else ""
            end = ": it can be taken out" if row is not rows[0] and not row.usable + row.asleep else ""
            self.stdout.write(f"{row.pepper} {role}; {row.usable} usable keys{asleep}{end}.")
