"""`manage.py rotate_factor_key`: from one key of second factors to the next without a lost secret."""

import json

from accounts import key_sets
from accounts.factors import keys
from accounts.rotation import KeySetCommand


class Command(KeySetCommand):
    """Prints the next value of MFA_ENCRYPTION_KEYS, alone on stdout, and on stderr what to do with it."""

    setting, letter, noun = "MFA_ENCRYPTION_KEYS", "m", "encryption key"
    help = (
        "Print the next MFA_ENCRYPTION_KEYS: with a new key last (1); with that key first, --promote (2). Set each "
        "value and restart every server before the next step. Then --encrypt puts every secret under the first key "
        "(3), and --status says when the old one can be taken out (4). With --write the line in .env is changed "
        "instead of printed."
    )

    def add_arguments(self, parser):
        """The options."""
        step = parser.add_mutually_exclusive_group()
        step.add_argument("--promote", nargs="?", const="", metavar="ID", help="move the last key, or ID, first")
        step.add_argument("--encrypt", action="store_true", help="put every secret under the first key")
        step.add_argument("--status", action="store_true", help="how many secrets are left under each key")
        parser.add_argument("--write", action="store_true", help="change the line in .env; its mode stays")
        parser.add_argument("--json", action="store_true", help="with --status: answer as one JSON object")

    def handle(self, *, promote, encrypt, status, write, json: bool, **options):
        """Do the step that was asked for."""
        if status:
            self._status(json)
        elif encrypt:
            self.stderr.write(f"Put {keys.encrypt_anew()} secrets under {next(iter(self.key_set))}.")
        elif promote is not None:
            ident = self.promotable(promote)
            self.answer(key_sets.promoted(self.key_set, ident), write=write)
            self.stderr.write(
                f"{ident} is first: it encrypts as soon as servers start with this value.\n"
                "1. Set this value and restart every server.\n"
                "2. Then: manage.py rotate_factor_key --encrypt\n"
                "3. When manage.py rotate_factor_key --status says so, take the old key out and restart once more."
            )
        else:
            new, ident = key_sets.added(self.key_set, self.letter)
            self.answer(new, write=write)
            self.stderr.write(
                f"{ident} is last: it decrypts, and encrypts nothing yet.\n"
                "1. Set this value and restart every server.\n"
                "2. Then: manage.py rotate_factor_key --promote"
            )

    def _status(self, as_json: bool) -> None:
        found = keys.needed()
        if as_json:
            self.stdout.write(json.dumps({"encrypts": next(iter(self.key_set)), "secrets": found}))
            return
        for ident, count in found.items():
            first = ident == next(iter(self.key_set))
            role = "encrypts" if first else "only decrypts" if ident in self.key_set else "IS NOT CONFIGURED"
            end = "" if first or count else ": it can be taken out"
            self.stdout.write(f"{ident} {role}; {count} secrets{end}.")
