"""How often one may guess, and how many passwords are hashed at once; one counter for every door.

Only failures count, before hashing, for an e-mail that exists or not (LOGIN_RATE_LIMIT, three windows):
per (account, address), per address, and per account and day, after which only networks from which that account
signed in before may try: nobody can lock the owner out. A success clears only its own (account, address).
"""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from accounts.models import Developer, Session, audit
from protocol import metrics
from protocol.address import network_of
from protocol.counters import counters
from protocol.current import current_request
from protocol.problems import TooManyAttempts

HASHES_AT_ONCE = 1  # in one process: Argon2 takes a whole core and 19 MiB, and key traffic needs the rest
IN_LINE = 12  # threads of a process that may wait for it: of gunicorn.conf.py's 16 the others serve on
HASH_WAIT = 2.0  # seconds to wait for a turn before the answer is 429
HALFWAY = "halfway"  # the right password, and a code is asked for next: no failure, and those before still count
BAD_KEYS = (100, 900)  # bad API keys from one address, per seconds

_turns = threading.BoundedSemaphore(HASHES_AT_ONCE)
_judging = threading.Lock()
_line = threading.BoundedSemaphore(HASHES_AT_ONCE + IN_LINE)


# Windows that were past their limit a moment ago, with their ends: a flood costs a look at the counters a second.
_shut: dict[str, tuple[float, float]] = {}
SHUT_FOR = 1.0  # seconds
MOST_SHUT = 100_000
_judged: Counter[str] = Counter()  # hits of this process whose password is being hashed


def hashed(email: str) -> str:
    """An account's name in the counters: whoever reads Redis learns no address."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Guess:
    """The counters that one guess at an account's password hits."""

    email: str
    address: str | None

    @property
    def windows(self) -> list[tuple[str, int, int]]:
        """(name, limit, seconds) of each; the names hold a hash, so that Redis never learns an e-mail."""
        account = hashed(self.email)
        pair, each_address, day = settings.LOGIN_RATE_LIMIT
        found = [(f"guess:{account}", *day)]
        if self.address is not None:
            found.append((f"guess:{account}:{self.address}", *pair))
            found.append((f"guess::{self.address}", *each_address))
        return found


def _knows_network(email: str, address) -> bool:
    """Whether this account signed in from this network before."""
    network = network_of(address)
    if not network:
        return False
    addresses = (
        Session.objects.filter(developer__email=email)
        .exclude(Q(ip=None))
        .order_by("-created_at")
        .values_list("ip", flat=True)[:500]
    )
    return any(network_of(known) == network for known in addresses)


@contextmanager
def a_turn() -> Iterator[None]:
    """Wait for a turn to hash. Raises TooManyAttempts after HASH_WAIT, and at once when IN_LINE wait already."""
    if not _line.acquire(blocking=False):
        raise TooManyAttempts(HASH_WAIT)
    metrics.HASHES.inc()
    try:
        if not _turns.acquire(timeout=HASH_WAIT):
            raise TooManyAttempts(HASH_WAIT)
        try:
            yield
        finally:
            _turns.release()
    finally:
        metrics.HASHES.dec()
        _line.release()


def check(email: str, verify) -> bool:
    """Let `verify()` hash and compare, counted as a guess at `email`'s password.

    The hits are taken before the hash and given back on success, so that simultaneous guesses can't slip through.

    Args:
        email: what was typed; it need not exist.
        verify: hashes and compares; true for the right password (or HALFWAY).

    Raises:
        TooManyAttempts: past a limit, without hashing; and for the wrong guess that reaches a limit.
    """
    request = current_request.get()
    caller = getattr(request, "caller", None)
    guess = Guess(Developer.objects.normalize_email(email), caller.counted if caller else None)
    store = counters()
    windows = guess.windows
    for name, _, _ in windows[1:]:
        _refuse_shut(name)
    taken = [name for name, _, _ in windows]
    reached: list[float] = []
    counted = store.hit_each(*((name, seconds) for name, _, seconds in windows)).windows
    for (name, limit, _), (count, left) in zip(windows, counted, strict=True):
        whole_account = name == taken[0]
        if whole_account and count >= limit and _knows_network(guess.email, caller and caller.address):
            continue
        if count > limit:
            store.give_back(*taken)
            if _judged[name]:
                raise TooManyAttempts(HASH_WAIT)  # some of these hits are guesses that may yet turn out right
            if not whole_account:
                _shut_until(name, left)
            _note_limit(guess.email)
            raise TooManyAttempts(left)
        if count == limit:
            reached.append(left)
    try:
        with _being_judged(taken), a_turn():
            right = verify()
    except BaseException:
        store.give_back(*taken)
        raise
    if right:
        store.give_back(*taken)
        if guess.address is not None and right != HALFWAY:
            store.clear(windows[1][0])
            _shut.pop(windows[1][0], None)
        return True
    if reached:
        _note_limit(guess.email)
        raise TooManyAttempts(max(reached))
    return False


def require_open(address: str | None) -> None:
    """Raise TooManyAttempts for an address that is past its own limit: before its body is read, let alone hashed."""
    if address is not None:
        _refuse_shut(f"guess::{address}")


def _refuse_shut(name: str) -> None:
    until, ends = _shut.get(name, (0.0, 0.0))
    now = time.monotonic()
    if now < until:
        raise TooManyAttempts(ends - now)


def _shut_until(name: str, left: float) -> None:
    if len(_shut) >= MOST_SHUT:
        forget()
    now = time.monotonic()
    _shut[name] = (now + min(left, SHUT_FOR), now + left)


@contextmanager
def _being_judged(names: list[str]) -> Iterator[None]:
    with _judging:
        _judged.update(names)
    try:
        yield
    finally:
        with _judging:
            _judged.subtract(names)
            for name in names:
                if not _judged[name]:
                    del _judged[name]


def forget() -> None:
    """Ask the counters again about everybody (for tests, and when too many are kept)."""
    _shut.clear()


def _note_limit(email: str) -> None:
    """Audit that an account's limit was hit, once an hour: nobody anonymous may fill a table that refuses DELETE."""
    # Counted for accounts that don't exist as well, before anything is looked up: the time must not tell them apart.
    count, _ = counters().hit(f"noted:{hashed(email)}", 3600)
    developer = Developer.objects.filter(email=email).first() if count == 1 else None
    if developer is not None:
        audit.record(None, audit.Action.SIGN_INS_LIMITED, developer, team=developer.home_team_id)


def bad_key(address: str | None) -> None:
    """Count a bad API key. Raises TooManyAttempts past the limit; a good key is never asked."""
    if address is None:
        return
    limit, seconds = BAD_KEYS
    count, left = counters().hit(f"badkey:{address}", seconds)
    if count > limit:
        raise TooManyAttempts(left)
