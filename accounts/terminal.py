"""What commands share: asking and showing progress, on stderr, so that stdout is the answer; and reading a time."""

import getpass
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Developer

SHOWN_AFTER = 1.0  # seconds before a progress bar appears
BAR_WIDTH = 30  # characters


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> str:
    """One line from the terminal. Raises CommandError when it ends instead."""
    sys.stderr.write(question)
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise CommandError("Cancelled: nothing was changed.")
    return answer.strip()


def ask_password(question: str) -> str:
    """One line without echo."""
    try:
        return getpass.getpass(question, stream=sys.stderr)
    except (EOFError, KeyboardInterrupt) as error:
        raise CommandError("Cancelled: nothing was changed.") from error


def new_password(person: Developer, said: str | None, *, may_ask: bool) -> str:
    """A password that obeys the rules of every password.

    Args:
        person: whose it will be; a password like their name is refused.
        said: by option or environment; "-" reads one line from stdin, None leads to asking twice.
        may_ask: whether somebody is there.

    Raises:
        CommandError: it breaks a rule, or none was said and nobody is there to be asked.
    """
    if said == "-":
        said = sys.stdin.readline().rstrip("\r\n")
    if said is not None:
        if faults := _faults(person, said):
            raise CommandError("\n".join(faults))
        return said
    if not may_ask:
        raise CommandError("Say --password - and send it on stdin, or OW_PASSWORD.")
    while True:
        password = ask_password("Password: ")
        faults = _faults(person, password)
        if not faults and ask_password("Password (again): ") != password:
            faults = ["The two passwords differ."]
        if not faults:
            return password
        sys.stderr.write("\n".join(faults) + "\n")


def _faults(person: Developer, password: str) -> list[str]:
    if not password:
        return ["An empty password is none."]
    try:
        validate_password(password, person)
    except ValidationError as error:
        return list(error.messages)
    return []


def confirm(consequence: str, *, noinput: bool) -> None:
    """Ask before something that cannot be undone; only on a terminal, and not with --noinput.

    Raises:
        CommandError: the answer was not yes.
    """
    if noinput or not is_terminal():
        return
    if ask(f"{consequence} Type yes to go on: ") != "yes":
        raise CommandError("Cancelled: nothing was changed.")


def moment(text: str) -> datetime:
    """Read a time, ISO 8601; UTC where it says no zone. Raises ValueError."""
    found = parse_datetime(text)
    if found is None:
        raise ValueError(text)
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def progress(things: Iterable, total: int, label: str, *, quiet: bool = False) -> Iterator:
    """Pass `things` on, with a bar on stderr once a second has gone by; no bar where stderr is not a terminal."""
    started, drawn = time.monotonic(), False
    show = not quiet and sys.stderr.isatty()
    for done, thing in enumerate(things, 1):
        yield thing
        if show and (drawn or time.monotonic() - started > SHOWN_AFTER):
            filled = min(BAR_WIDTH, BAR_WIDTH * done // max(total, 1))
            sys.stderr.write(f"\r{label} [{'#' * filled:<{BAR_WIDTH}}] {done}/{total}")
            sys.stderr.flush()
            drawn = True
    if drawn:
        sys.stderr.write("\n")
