"""Plain HTTP in production: refused without a redirect, for the credential has been sent already (contract §6).

A live key in such a call is flagged to its team if, and only if, its digest matches: a stranger can't flag a key by
its public id.
"""

from django.conf import settings
from django.db import DatabaseError

from apikeys import keys, leaks
from apikeys.authentication import credentials_of
from apikeys.models import ApiKey
from protocol.problems import Forbidden, problem_response


class PlainHttpMiddleware:
    """403 for an API call without HTTPS; pages are redirected further on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.LOCAL_MODE or request.caller.secure or not request.path.startswith("/api/"):
            return self.get_response(request)
        # The answer is the same whatever the database says.
        try:
            for text in credentials_of(request)[0]:
                flag(text)
        except DatabaseError:
            pass
        problem = Forbidden(
            "Use https://: this call was refused, and what it carried was sent in clear.", code="https_required"
        )
        return problem_response(problem, request)


def flag(text: str) -> None:
    """Tell the team of a live key that it was sent in clear, and revoke it where the setting says so."""
    try:
        parsed = keys.parse(text)
    except keys.MalformedKey:
        return
    key = leaks.proved(parsed, among=ApiKey.objects.usable())
    if key is not None and key.environment == "live":
        leaks.take(key, leaks.Leak.SENT_IN_CLEAR, by=None, revoke=settings.REVOKE_KEYS_SENT_OVER_HTTP)
