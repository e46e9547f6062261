"""How fast one key may call: exact over processes and servers, and said on every answer.

One fixed window that opens with the key's first call, one atomic hit per request. The headers are those of
draft-ietf-httpapi-ratelimit-headers-11 and the older X-RateLimit-… that many clients read.
"""

import math
import time

from rest_framework.throttling import BaseThrottle

from apikeys.authentication import Principal
from protocol.counters import counters
from protocol.problems import TooManyRequests


class KeyLimit(BaseThrottle):
    """DRF's door to the limit: runs before permissions, so that refusals count and carry the headers."""

    def allow_request(self, request, view):
        """True below the limit. Raises TooManyRequests past it."""
        principal = request.auth
        if not isinstance(principal, Principal):
            return True
        most, seconds = principal.limit
        count, left = counters().hit(f"limit:{principal.pk}", seconds)
        remaining = max(0, most - count)
        wait = max(1, math.ceil(left))
        request._request.limit_left = (remaining, wait)
        request._request.answer_headers = {
            "RateLimit-Policy": f'"key";q={most};w={seconds}',
            "RateLimit": f'"key";r={remaining};t={wait}',
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(math.ceil(time.time() + left)),
        }
        if count > most:
            raise TooManyRequests(
                f"This key may make {most} calls in {seconds} seconds: wait {wait} seconds.", wait=wait
            )
        return True
