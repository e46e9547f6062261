"""What commands share: asking and showing progress, on stderr, so that stdout is the answer and nothing else."""

import getpass
import sys
import time
from collections.abc import Iterable, Iterator

from django.core.management.base import CommandError

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


def confirm(consequence: str, *, noinput: bool) -> None:
    """Ask before something that cannot be undone; only on a terminal, and not with --noinput.

    Raises:
        CommandError: the answer was not yes.
    """
    if noinput or not is_terminal():
        return
    if ask(f"{consequence} Type yes to go on: ") != "yes":
        raise CommandError("Cancelled: nothing was changed.")


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
