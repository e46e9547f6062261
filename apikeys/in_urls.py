"""A live key in the address of a request: never read as a credential, and its team is told.

It is flagged if, and only if, its digest matches. Nothing here runs but for an address in which a key stands.
"""

from urllib.parse import unquote

from django.db import DatabaseError

from apikeys import leaks
from apikeys.models import ApiKey
from protocol.counters import counters

LOOKED_AT = (10, 60)  # addresses with a key in them that one caller has looked at, per seconds
LONGEST = 4096  # characters of an address


def may_hold_a_key(meta) -> bool:
    """Whether a closer look is worth its time: two looks for a short text, made for every request."""
    return "ow_" in meta["PATH_INFO"] or "ow_" in (query := meta.get("QUERY_STRING", "")) or "ow%" in query


def flag(request) -> None:
    """Tell the team of a live key that stands in the address of this request; the answer stays what it is."""
    text = f"{request.META['PATH_INFO']}?{request.META.get('QUERY_STRING', '')}"[:LONGEST]
    parsed = leaks.first_in(unquote(text))
    if parsed is None or parsed.environment != "live":
        return
    try:
        most, seconds = LOOKED_AT
        if counters().hit(f"in_url:{request.caller.counted}", seconds)[0] > most:
            return
        key = leaks.proved(parsed, among=ApiKey.objects.usable())
        if key is not None:
            leaks.take(key, leaks.Leak.IN_URL, by=None, revoke=False)
    except DatabaseError:
        pass  # the answer is the same whatever the database says
