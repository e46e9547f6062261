"""What every request gets first: an id, its true address and scheme; and what a guessing one gets: 429."""

import logging

from django.conf import settings
from django.shortcuts import redirect, render
from uuid_utils.compat import uuid7

from protocol.address import resolve
from protocol.current import current_request
from protocol.ids import REQUEST_ID
from protocol.masking import mask
from protocol.problems import Problem, Unauthorized, problem_response

log = logging.getLogger(__name__)


def refuse_encoded(request):
    """400 for a body in any transfer coding but chunked (RFC 9112 §6.1): gunicorn takes chunks apart, nothing more."""
    coding = request.META.get("HTTP_TRANSFER_ENCODING", "").strip().lower()
    if coding in ("", "chunked"):
        return None
    return problem_response(Problem("Send the body as it is, or chunked: no other Transfer-Encoding is read."), request)


class RequestMiddleware:
    """Sets `request.request_id` and `request.caller`, and echoes the id on every response."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.warned: set[str] = set()

    def __call__(self, request):
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        ours = REQUEST_ID.fullmatch(given) is None or mask(given) != given  # most of a key fits into an id
        request.server_id = uuid7()  # the log's own: what callers choose is not unique
        request.request_id = str(request.server_id) if ours else given
        request.caller = resolve(request.META, settings.TRUSTED_PROXIES)
        if request.caller.undeclared_proxy:
            self._warn(str(request.caller.address))
        token = current_request.set(request)
        try:
            response = refuse_encoded(request) or self.get_response(request)
        finally:
            current_request.reset(token)
        response["X-Request-ID"] = request.request_id
        return response

    def _warn(self, peer: str) -> None:
        if peer not in self.warned and len(self.warned) < 100:
            self.warned.add(peer)
            log.warning("forwarding headers from %s are dropped: is it a proxy to name in TRUSTED_PROXIES?", peer)


class ProblemMiddleware:
    """Answers a Problem that a page's verb raised (the API's own are answered by DRF's handler)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """A page with the sentence; a sign-in that is over leads to the door; problem details under /api/."""
        if not isinstance(exception, Problem):
            return None
        if request.path.startswith("/api/"):
            return problem_response(exception, request)
        if isinstance(exception, Unauthorized):
            return redirect(settings.LOGIN_URL)
        context = {"detail": exception.detail, "problem": exception}
        response = render(request, f"{exception.status}.html", context, status=exception.status)
        for name, value in exception.headers.items():
            response[name] = value
        return response
