"""Sets of secrets that rotate, as JWT_SIGNING_KEYS and API_KEY_PEPPERS write them: `id:secret,id:secret`.

The first is in use, all verify. Over several servers a set rotates without a refusal in three deploys: add the new
one last (so that every server verifies it before any uses it), move it first, and take the old one out when nothing
of it is left. All of this is text; only `write_line` touches a file.
"""

import os
import re
import secrets
import stat
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

ROTATED_BY = {
    "JWT_SIGNING_KEYS": "rotate_signing_key",
    "API_KEY_PEPPERS": "rotate_pepper",
    "MFA_ENCRYPTION_KEYS": "rotate_factor_key",
}
FRESH_BYTES = 48  # 64 characters, 384 bits


class NotInTheFile(ValueError):
    """The value in use doesn't come from this file, so a line written there would change nothing."""


def as_text(key_set: dict[str, str]) -> str:
    """The set as the setting writes it."""
    return ",".join(f"{ident}:{secret}" for ident, secret in key_set.items())


def fresh_id(letter: str, taken, today: date | None = None) -> str:
    """An id that tells its day, like k20261125; a second one of that day ends in b."""
    base = f"{letter}{today or datetime.now(UTC).date():%Y%m%d}"
    return next(ident for ident in (base, *(base + end for end in "bcdefghijklmnopqrstuvwxyz")) if ident not in taken)


def made_on(ident: str) -> date | None:
    """The day that an id tells; None for an id without one."""
    match = re.fullmatch(r"[A-Za-z_]+(\d{8})[a-z]?", ident)
    try:
        return datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date() if match else None
    except ValueError:
        return None


def added(key_set: dict[str, str], letter: str) -> tuple[dict[str, str], str]:
    """(the set with a fresh secret last, its id)."""
    ident = fresh_id(letter, key_set)
    return {**key_set, ident: secrets.token_urlsafe(FRESH_BYTES)}, ident


def next_in_line(key_set: dict[str, str]) -> str | None:
    """The last id, if it tells that it is younger than the first; None else: an old key must not come back unasked."""
    first, last = next(iter(key_set)), list(key_set)[-1]
    begun, made = made_on(first), made_on(last)
    younger = made is not None and (begun is None or (made, last) > (begun, first))
    return last if younger else None


def promoted(key_set: dict[str, str], ident: str) -> dict[str, str]:
    """The set with `ident` first. Raises KeyError."""
    return {ident: key_set[ident], **key_set}


def without(key_set: dict[str, str], ident: str, letter: str) -> dict[str, str]:
    """The set without `ident`, with a fresh secret where nothing would be left. Raises KeyError."""
    key_set[ident]
    rest = {name: secret for name, secret in key_set.items() if name != ident}
    return rest or {fresh_id(letter, key_set): secrets.token_urlsafe(FRESH_BYTES)}


def write_line(path: Path, name: str, old: str, new: str) -> None:
    """Change the one line `name=old` of an env file to `name=new`: whole or not at all, its mode kept.

    Raises:
        NotInTheFile: the file doesn't say `old`, so the environment does, and wins.
        OSError
    """
    line = re.compile(
        rf"^(?P<name>(?:export[ \t]+)?{name}[ \t]*=[ \t]*)(?P<quote>['\"]?){re.escape(old)}(?P=quote)[ \t]*$", re.M
    )
    target = path.resolve()
    text = target.read_text()
    changed, count = line.subn(lambda match: f"{match['name']}{match['quote']}{new}{match['quote']}", text)
    if count != 1:
        raise NotInTheFile(f"{path} does not say the {name} that is in use")
    handle, draft = tempfile.mkstemp(prefix=".env.draft.", dir=target.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(changed)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(stat.S_IMODE(target.stat().st_mode))
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
