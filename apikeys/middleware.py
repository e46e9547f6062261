"""Every answer leaves an observation; counting it is not the request's business (`apikeys.usage`)."""

import time
from functools import cache

from apikeys import in_urls, usage
from protocol.current import caller_of

UNREFUSED = ("", "")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # others are callers' inventions


class UsageMiddleware:
    """Stands behind RequestMiddleware, so that it sees every answer as it leaves."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        at, began = time.time(), time.perf_counter()
        response = self.get_response(request)
        if in_urls.may_hold_a_key(request.META):
            in_urls.flag(request)
        ms = (time.perf_counter() - began) * 1000
        found = request.__dict__.get
        proved, match = found("proved"), found("resolver_match")
        usage.note(
            usage.Observation(
                request.server_id,
                request.request_id,
                at,
                ms,
                request.method if request.method in METHODS else "other",
                template_of(match.route) if match else "",
                response.status_code,
                found("refusal", UNREFUSED),
                proved,
                kind_of(proved),
                *caller_of(request),
                found("counted_alone"),
                found("new_digest"),
                request.META.get("HTTP_ORIGIN", ""),
            )
        )
        return response


@cache
def template_of(route: str) -> str:
    """A route of Django's as the docs write it: `api/v1/users/<id:user_id>` is `/api/v1/users/{user_id}`."""
    words = [f"{{{word[1:-1].rpartition(':')[2]}}}" if word.startswith("<") else word for word in route.split("/")]
    return "/" + "/".join(words)


def kind_of(proved) -> str:
    """Which credential was proved."""
    if proved is None:
        return "none"
    return "key" if proved.key_id else "session"
