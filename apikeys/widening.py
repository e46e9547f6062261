"""Whether a change lets a key do more: that needs a recent sign-in, narrowing never does."""

from apikeys import addresses
from apikeys.models import ApiKey


def widens(key: ApiKey, changes: dict) -> bool:
    """True when `changes` (fields of ApiKey) add a scope, an address, time, or calls."""
    return (
        _more_scopes(key, changes)
        or _more_addresses(key, changes)
        or _more_time(key, changes)
        or _more_calls(key, changes)
    )


def _more_scopes(key: ApiKey, changes: dict) -> bool:
    return not set(changes.get("scopes", key.scopes)) <= set(key.scopes)


def _more_addresses(key: ApiKey, changes: dict) -> bool:
    return "allowed_ips" in changes and not addresses.covers(key.allowed_ips, changes["allowed_ips"])


def _more_time(key: ApiKey, changes: dict) -> bool:
    if "expires_at" not in changes or key.expires_at is None:
        return False
    return changes["expires_at"] is None or changes["expires_at"] > key.expires_at


def _more_calls(key: ApiKey, changes: dict) -> bool:
    if "rate_limit" not in changes:
        return False
    return allows_more(ApiKey(rate_limit=changes["rate_limit"], rate_seconds=changes["rate_seconds"]).limit, key.limit)


def allows_more(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a limit (calls, seconds) lets through more than another: on the whole, or at once.

    A long window alone is no narrowing: all of its calls may come in its first second.
    """
    return one[0] * other[1] > other[0] * one[1] or one[0] > other[0]
