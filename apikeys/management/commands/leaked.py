"""`manage.py leaked`: which keys of ours stand in a log, a diff or a paste, and an end to them."""

import errno
import io
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.management.base import BaseCommand, CommandError

from accounts import terminal
from apikeys import leaks
from apikeys.exposure import Exposure
from protocol.masking import mask

CHUNK = 1 << 20  # bytes read at once
UNNAMED = "an operator, or somebody who is gone"


@dataclass
class Findings:
    """What a text held: keys of ours, prefixes of keys that nobody here has, and places with a wrong checksum."""

    ours: list[Exposure] = field(default_factory=list)
    unknown: list[tuple[str, int]] = field(default_factory=list)
    malformed: int = 0
    revoked: set = field(default_factory=set)

    def still_there(self) -> list[Exposure]:
        """Those that are not revoked: usable ones, and ones that could be woken up."""
        return [found for found in self.ours if found.key.revoked_at is None]


class Command(BaseCommand):
    """Exits with 0 when the text was looked through, whatever it held, and with 2 when it could not be read."""

    help = (
        "Look for API keys of ours in a file or, without one, in stdin: any text, gigabytes too (for compressed ones: "
        "zcat log.gz | manage.py leaked). Says of each key whose it is, what it opens, from where it was used, and "
        "how often in the last 24 hours, 7 and 30 days. It never shows a secret. Exit code 0: looked through; 2: it "
        "could not be read."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="default, and -: stdin")
        parser.add_argument(
            "--revoke", action="store_true", help="revoke each that is not revoked yet; owners and maker are told"
        )
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")

    def handle(self, *, file, revoke, noinput, json: bool, verbosity, **options):
        """Look through it, end what is to be ended, and say what was there."""
        findings = _search(file, quiet=not verbosity)
        standing = findings.still_there()
        if not json:
            self.stdout.write("\n".join(_as_text(findings)))
        if revoke and standing:
            terminal.confirm(f"This revokes {_keys(len(standing))} for good.", noinput=noinput)
            for found in standing:
                if leaks.take(found.key, leaks.Leak.FOUND, by="command", revoke=True):
                    findings.revoked.add(found.key.pk)
                found.key.refresh_from_db()
        if json:
            self.stdout.write(_as_json(findings))
        if revoke and verbosity:
            self.stderr.write(f"Revoked {_keys(len(findings.revoked))}; owners and makers are told by mail.")
        elif standing and verbosity:
            self.stderr.write(f"Not revoked: {_keys(len(standing))}. With --revoke they are.")


def _search(file: str, *, quiet: bool) -> Findings:
    search, findings = leaks.Search(), Findings()
    try:
        with _opened(file) as stream:
            for seen in search.through(_chunks(stream, quiet=quiet)):
                if key := leaks.proved(seen.key):
                    findings.ours.append(Exposure.of(key, seen.line))
                else:
                    findings.unknown.append((seen.key.prefix, seen.line))
    except OSError as error:
        # A key may have been given in the file's place.
        raise CommandError(
            f"{'stdin' if file == '-' else mask(file)} cannot be read: {error.strerror}.", returncode=2
        ) from error
    findings.malformed = search.malformed
    return findings


@contextmanager
def _opened(file: str) -> Iterator[io.BufferedIOBase]:
    if file == "-":
        if terminal.is_terminal():
            sys.stderr.write("Paste the text, then press Ctrl-D on a line of its own.\n")
        if sys.stdin is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        yield sys.stdin.buffer
    else:
        with open(file, "rb") as stream:
            yield stream


def _chunks(stream, *, quiet: bool) -> Iterator[bytes]:
    """The stream's bytes as they come, with a bar for a file that is large."""
    try:
        about = os.fstat(stream.fileno())
        size = about.st_size if stat.S_ISREG(about.st_mode) else 0
    except io.UnsupportedOperation:
        size = 0
    chunks = iter(lambda: stream.read1(CHUNK), b"")
    return terminal.progress(chunks, size // CHUNK + 1, "Reading, MiB", quiet=quiet or not size)


def _keys(number: int) -> str:
    return "1 key" if number == 1 else f"{number} keys"


def _as_text(findings: Findings) -> Iterator[str]:
    for found in findings.ours:
        key = found.key
        asleep = " (opens nothing: its team is suspended)" if key.status == "active" and not found.usable else ""
        addresses = ", ".join(f"{ip} ({at:%F %T})" for ip, at in found.addresses)
        first, last = found.first_used_at, found.last_used_at
        yield f"{key.key_prefix} in line {found.line}: {key.name}, of {key.team.name}"
        yield f"  status     {key.status}{asleep}"
        yield f"  opens      {key.environment}: {' '.join(key.scopes)}"
        yield f"  made       {key.created_at:%F %T} UTC by {key.created_by.email if key.created_by else UNNAMED}"
        yield f"  used       {f'{first:%F %T} to {last:%F %T} UTC' if first and last else 'never'}"
        yield f"  from       {addresses or 'no address that is still known'}"
        yield f"  calls      {', '.join(f'{number:,} in {window}' for window, number in found.calls.items())}"
    for prefix, line in findings.unknown:
        yield f"{prefix} in line {line}: not a key of this installation"
    if findings.malformed:
        yield f"Places with a wrong checksum (cut, mistyped or made up): {findings.malformed:,}"
    if not (findings.ours or findings.unknown or findings.malformed):
        yield "There is no key in it."


def _as_json(findings: Findings) -> str:
    return json.dumps(
        {
            "keys": [_row(found, findings.revoked) for found in findings.ours],
            "unknown": [{"key_prefix": prefix, "line": line} for prefix, line in findings.unknown],
            "malformed": findings.malformed,
        }
    )


def _row(found: Exposure, revoked: set) -> dict:
    key = found.key
    return {
        "id": str(key.pk),
        "key_prefix": key.key_prefix,
        "line": found.line,
        "name": key.name,
        "team": {"id": str(key.team_id), "name": key.team.name},
        "created_by": key.created_by and key.created_by.email,
        "environment": key.environment,
        "scopes": key.scopes,
        "status": key.status,
        "usable": found.usable and key.revoked_at is None,
        "revoked_now": key.pk in revoked,
        "first_used_at": found.first_used_at and found.first_used_at.isoformat(),
        "last_used_at": found.last_used_at and found.last_used_at.isoformat(),
        "addresses": [{"ip": ip, "last_seen_at": at.isoformat()} for ip, at in found.addresses],
        "calls": found.calls,
    }
