"""How fast one caller may call: exact over processes and servers, and said on every answer.

One fixed window that opens with the first call, one atomic hit per request. A key has its own limit, its team may have
one over all of its keys (TEAM_RATE_LIMIT), a developer has one over all of their sessions (DEVELOPER_RATE_LIMIT). The
headers are those of draft-ietf-httpapi-ratelimit-headers-11 and the older X-RateLimit-… that many clients read.

While Redis is away each process holds its own share of every limit, so that together they pass no more than it; what
is left is not known then, and not said.
"""

import math
import time
from typing import NamedTuple

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from accounts.models import Developer
from apikeys.authentication import Principal
from protocol.counters import counters
from protocol.counters.memory import Count
from protocol.problems import TooManyRequests


class Policy(NamedTuple):
    """So many calls in so many seconds; `name` stands in the headers, `window` is the counter.

    The counter's name does not hold the seconds: a window that is open keeps its end, or whoever may change a key's
    limit could open fresh windows as often as they like.
    """

    name: str
    window: str
    most: int
    seconds: int


class Left(NamedTuple):
    """What one policy still allows."""

    policy: Policy
    remaining: int
    wait: int  # whole seconds until the window is over
    passed: bool  # whether this very call is within it


def policies_of(user, auth) -> list[Policy]:
    """What binds a caller; the first is their own."""
    if isinstance(auth, Principal):
        found = [Policy("key", f"limit:{auth.pk}", *auth.limit)]
        if settings.TEAM_RATE_LIMIT:
            found.append(Policy("team", f"team:{auth.team_id}", *settings.TEAM_RATE_LIMIT))
        return found
    if isinstance(user, Developer):
        return [Policy("developer", f"developer:{user.pk}", *settings.DEVELOPER_RATE_LIMIT)]
    return []


def share_of(most: int) -> int:
    """What one process may pass by itself, so that all of them together pass no more than the limit.

    Fewer calls than processes can't be shared out: then each passes one.
    """
    return max(1, most // (settings.WORKERS * settings.SERVERS))


class CallerLimit(BaseThrottle):
    """DRF's door to the limits: runs before permissions, so that refusals count and carry the headers."""

    def allow_request(self, request, view):
        """True below every limit. Raises TooManyRequests past one."""
        policies = policies_of(request.user, request.auth)
        if not policies:
            return True
        counted = counters().hit_each(*((policy.window, policy.seconds) for policy in policies))
        own = counted.own or [None] * len(policies)
        found = [
            Left(
                policy,
                left_of(policy, count, mine),
                max(1, math.ceil(left)),
                count <= most_of(policy, counted.exact) and (mine is None or mine.hits <= share_of(policy.most)),
            )
            for policy, (count, left), mine in zip(policies, counted.windows, own, strict=True)
        ]
        inner = request._request
        inner.counted_alone = not counted.exact
        inner.limit_left = found[0] if counted.exact else None
        if counted.exact:
            inner.answer_headers = headers(found)
        for left in found:
            if not left.passed:
                raise too_fast(left)
        return True


def left_of(policy: Policy, count: int, mine: Count | None) -> int:
    """How many calls are left: what Redis says, and of this process's share while a window of its own is open."""
    left = policy.most - count
    return max(0, left if mine is None else min(left, share_of(policy.most) - mine.hits))


def most_of(policy: Policy, exact: bool) -> int:
    """How many calls this counter may pass."""
    return policy.most if exact else share_of(policy.most)


def headers(found: list[Left]) -> dict[str, str]:
    """What is said of limits; the older headers know only one, so they tell the one with the least left."""
    least = min(found, key=lambda left: left.remaining)
    return {
        "RateLimit-Policy": ", ".join(f'"{p.name}";q={p.most};w={p.seconds}' for p, *_ in found),
        "RateLimit": ", ".join(f'"{left.policy.name}";r={left.remaining};t={left.wait}' for left in found),
        "X-RateLimit-Limit": str(least.policy.most),
        "X-RateLimit-Remaining": str(least.remaining),
        "X-RateLimit-Reset": str(math.ceil(time.time()) + least.wait),
    }


def too_fast(left: Left) -> TooManyRequests:
    """429, with whose limit it was."""
    policy, wait = left.policy, left.wait
    who = {"key": "This key may", "team": "All keys of this team together may", "developer": "You may"}[policy.name]
    return TooManyRequests(
        f"{who} make {policy.most} calls in {policy.seconds} seconds: wait {wait} second{'' if wait == 1 else 's'}.",
        wait=wait,
        rule=f"limit {policy.name} {policy.most}/{policy.seconds}",
    )
