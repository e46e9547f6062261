"""How often one may guess, and how many passwords are hashed at once; one counter for every door.

Only failures count, before hashing, for an e-mail that exists or not (LOGIN_RATE_LIMIT, three windows):
per (account, address), per address, and per account and day, after which only networks from which that account
signed in before may try: nobody can lock the owner out. A success clears only its own (account, address).
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from accounts.models import Developer, Session, audit
from protocol.address import network_of
from protocol.counters import counters
from protocol.current import current_request
from protocol.problems import TooManyAttempts

HASHES_AT_ONCE = 1  # in one process: Argon2 takes a whole core and 19 MiB, and key traffic needs the rest
HASH_WAIT = 2.0  # seconds to wait for a turn before the answer is 429
BAD_KEYS = (100, 900)  # bad API keys from one address, per seconds

_turns = threading.BoundedSemaphore(HASHES_AT_ONCE)


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
    """Wait for a turn to hash. Raises TooManyAttempts after HASH_WAIT."""
    if not _turns.acquire(timeout=HASH_WAIT):
        raise TooManyAttempts(HASH_WAIT)
    try:
        yield
    finally:
        _turns.release()


def check(email: str, verify) -> bool:
    """Let `verify()` hash and compare, counted as a guess at `email`'s password.

    The hits are taken before the hash and given back on success, so that simultaneous guesses can't slip through.

    Args:
        email: what was typed; it need not exist.
        verify: hashes and compares; true for the right password.

    Raises:
        TooManyAttempts: past a limit, without hashing; and for the wrong guess that reaches a limit.
    """
    request = current_request.get()
    caller = getattr(request, "caller", None)
    guess = Guess(Developer.objects.normalize_email(email), caller.counted if caller else None)
    store = counters()
    reached: list[float] = []
    taken: list[str] = []
    for name, limit, seconds in guess.windows:
        count, left = store.hit(name, seconds)
        taken.append(name)
        whole_account = name == guess.windows[0][0]
        if whole_account and count >= limit and _knows_network(guess.email, caller and caller.address):
            continue
        if count > limit:
            for hit in taken:
                store.give_back(hit)
            _note_limit(guess.email)
            raise TooManyAttempts(left)
        if count == limit:
            reached.append(left)
    try:
        with a_turn():
            right = verify()
    except BaseException:
        for name in taken:
            store.give_back(name)
        raise
    if right:
        for name in taken:
            store.give_back(name)
        if guess.address is not None:
            store.clear(guess.windows[1][0])
        return True
    if reached:
        _note_limit(guess.email)
        raise TooManyAttempts(max(reached))
    return False


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
