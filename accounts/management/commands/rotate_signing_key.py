"""`manage.py rotate_signing_key`: from one signing key to the next without a refusal."""

import json

from accounts import key_sets, signing_keys, terminal
from accounts.rotation import KeySetCommand


class Command(KeySetCommand):
    """Prints the next value of JWT_SIGNING_KEYS, alone on stdout, and on stderr what to do with it."""

    setting, letter, noun = "JWT_SIGNING_KEYS", "k", "signing key"
    help = (
        "Print the next JWT_SIGNING_KEYS: with a new key last (1); with that key first, --promote (2); and see with "
        "--status when the old one can be taken out (3). Set each value and restart every server before the next step. "
        "With --write the line in .env is changed instead of printed."
    )

    def add_arguments(self, parser):
        """The options."""
        step = parser.add_mutually_exclusive_group()
        step.add_argument("--promote", nargs="?", const="", metavar="KID", help="move the last key, or KID, first")
        step.add_argument("--status", action="store_true", help="which key signs, and whether others are still needed")
        step.add_argument("--compromised", metavar="KID", help="take KID out and end every session at once")
        parser.add_argument(
            "--since", type=terminal.moment, help="with --status: when the last server began to sign anew"
        )
        parser.add_argument("--write", action="store_true", help="change the line in .env; its mode stays")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")
        parser.add_argument("--json", action="store_true", help="with --status: answer as one JSON object")

    def handle(self, *, promote, status, compromised, since, write, noinput, json: bool, **options):
        """Do the step that was asked for."""
        if status:
            self._status(since, json)
        elif compromised is not None:
            self._drop(compromised, write, noinput)
        elif promote is not None:
            self._promote(self.promotable(promote), write)
        else:
            new, kid = key_sets.added(self.key_set, self.letter)
            self.answer(new, write=write)
            self.stderr.write(
                f"{kid} is last: it verifies, and does not sign yet.\n"
                "1. Set this value and restart every server.\n"
                "2. Then: manage.py rotate_signing_key --promote"
            )

    def _promote(self, kid: str, write: bool) -> None:
        self.answer(key_sets.promoted(self.key_set, kid), write=write)
        signing_keys.note_promotion(kid)
        self.stderr.write(
            f"{kid} is first: it signs as soon as servers start with this value.\n"
            "1. Set this value and restart every server.\n"
            "2. Then, until it says that none is left: manage.py rotate_signing_key --status\n"
            "3. Then take the old key out of the value and restart once more."
        )

    def _drop(self, kid: str, write: bool, noinput: bool) -> None:
        self.require(kid)
        terminal.confirm("This ends every session of everybody, now.", noinput=noinput)
        self.stderr.write(f"Ended {signing_keys.compromised(kid)} sessions.")
        self.answer(key_sets.without(self.key_set, kid, self.letter), write=write)
        self.stderr.write(
            f"Set this value, without {kid}, and restart every server now: until then new sign-ins are still signed "
            "by it, and will have to be repeated."
        )

    def _status(self, since, as_json: bool) -> None:
        signing, *others = self.key_set
        left = signing_keys.leftovers(since)
        if as_json:
            self.stdout.write(
                json.dumps(
                    {
                        "signs": signing,
                        "verify": [signing, *others],
                        "since": _iso(left.since),
                        "live_sessions": left.live,
                        "oldest_refresh_token": _iso(left.oldest),
                        "signed_before": left.old,
                        "none_left": left.none_is_left if others else True,
                        "none_left_by": _iso(left.safe_at) if others else None,
                    }
                )
            )
            return
        made = key_sets.made_on(signing)
        self.stdout.write(f"{signing} signs{f', made on {made}' if made else ''}.")
        if not others:
            self.stdout.write("No other key verifies.")
            return
        self.stdout.write(f"{', '.join(others)} only verify.")
        self.stdout.write(
            f"{left.live} API sessions are live; their oldest refresh token was signed {_say(left.oldest)}."
        )
        if left.since is None:
            self.stdout.write(
                f"When {signing} began to sign is not known. Keys that signed before it can go once that oldest token "
                "is younger than the restart of the last server; say it: --status --since 2026-01-31T12:00Z"
            )
        elif left.none_is_left:
            self.stdout.write(f"None is left from before {_say(left.since)}: take {', '.join(others)} out.")
        else:
            self.stdout.write(
                f"{left.old} of them are from before {_say(left.since)}, when {signing} was promoted or --since says. "
                f"None is left by {_say(left.safe_at)} at the latest."
            )


def _iso(time) -> str | None:
    return time.isoformat() if time else None


def _say(time) -> str:
    return f"{time:%F %T} UTC" if time else "never"
