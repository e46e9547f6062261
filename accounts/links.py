"""Links in mails: signed, bound to a state, kept nowhere.

A link says whose it is and when it was made; its signature also covers what it is for and the state that it is about (a
password hash, an address). So it opens nothing once that state has changed, which makes it work once, and a restore
voids all by one column (`Developer.links_from`). Signatures are hex: in base64 one in a quarter of a million looks like
a JWT, and mails and logs mask those.
"""

import time
import uuid
from collections.abc import Callable
from enum import StrEnum

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Developer


class Purpose(StrEnum):
    """What a link is for."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE = "change"
    KEEP = "keep"


LIFE = {Purpose.VERIFY: 3 * 86400, Purpose.RESET: 3600, Purpose.CHANGE: 86400, Purpose.KEEP: 7 * 86400}  # seconds


def _mac(purpose: Purpose, head: str, state: str, key: str) -> str:
    return salted_hmac(f"accounts.links.{purpose}", f"{head}.{state}", secret=key, algorithm="sha256").hexdigest()


def make(purpose: Purpose, developer: Developer, state: str) -> str:
    """The token of a link: letters, digits and two dashes."""
    head = f"{developer.pk.hex}-{int(time.time()):x}"
    return f"{head}-{_mac(purpose, head, state, settings.SECRET_KEY)}"


def read(purpose: Purpose, token: str, state_of: Callable[[Developer], str | None]) -> Developer | None:
    """Whose link this is; None for one that is not ours, too old, void, or about a state that is no more.

    Args:
        state_of: the state as it is now, None where there is none to be about.
    """
    try:
        ident, at, mac = token.split("-")
        made, key = int(at, 16), uuid.UUID(hex=ident)
    except ValueError:
        return None
    if not 0 <= int(time.time()) - made <= LIFE[purpose]:  # whole numbers: a float holds no number that long
        return None
    developer = Developer.objects.filter(pk=key).first()
    state = state_of(developer) if developer else None
    if developer is None or state is None:
        return None
    if developer.links_from and made <= developer.links_from.timestamp():
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    good = [constant_time_compare(mac, _mac(purpose, f"{ident}-{at}", state, key)) for key in keys]
    return developer if any(good) else None
