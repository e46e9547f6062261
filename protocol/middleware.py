"""What every request gets first: an id, its true address and scheme; and what a guessing one gets: 429."""

import logging
import re

from django.conf import settings
from django.shortcuts import render
from uuid_utils import uuid7

from protocol.address import resolve
from protocol.current import current_request
from protocol.problems import TooManyAttempts, problem_response

log = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestMiddleware:
    """Sets `request.request_id` and `request.caller`, and echoes the id on every response."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.warned: set[str] = set()

    def __call__(self, request):
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.request_id = given if REQUEST_ID.fullmatch(given) else str(uuid7())
        request.caller = resolve(request.META, settings.TRUSTED_PROXIES)
        if request.caller.undeclared_proxy:
            self._warn(str(request.caller.address))
        token = current_request.set(request)
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(token)
        response["X-Request-ID"] = request.request_id
        return response

    def _warn(self, peer: str) -> None:
        if peer not in self.warned and len(self.warned) < 100:
            self.warned.add(peer)
            log.warning("forwarding headers from %s are dropped: is it a proxy to name in TRUSTED_PROXIES?", peer)


class TooManyAttemptsMiddleware:
    """Answers a `TooManyAttempts` raised at a page's sign-in (the API's own is answered by DRF's handler)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """A page with the sentence and `Retry-After`; problem details under /api/."""
        if not isinstance(exception, TooManyAttempts):
            return None
        if request.path.startswith("/api/"):
            return problem_response(exception, request)
        response = render(request, "429.html", {"detail": exception.detail}, status=429)
        response["Retry-After"] = str(exception.wait)
        return response
