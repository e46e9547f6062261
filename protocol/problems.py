"""Every refusal of the API, in one shape: RFC 9457 problem details.

A `Problem` is data: status, code, sentence, headers. `handler.exception_handler` (DRF) and `problem_response` (Django's
own errors) are the only two doors through which one leaves.
"""

import logging
import math
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import resolve
from rest_framework import exceptions

from protocol.masking import mask

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
REALM = "open-wearables"
RETRY_AFTER_OUTAGE = 2  # seconds
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body (`pointer`, RFC 6901 in a fragment) or a query (`parameter`)."""

    detail: str
    code: str
    pointer: str | None = None
    parameter: str | None = None

    def as_dict(self) -> dict:
        """The member of `errors`."""
        place = {"parameter": self.parameter} if self.parameter is not None else {"pointer": self.pointer}
        return {
            name: mask(text)
            for name, text in {**place, "code": self.code, "detail": self.detail}.items()
            if text is not None
        }


class Problem(Exception):
    """A refusal: `status`, a stable `code`, one sentence for people, and headers. Subclasses fix the first two."""

    status = 400
    code = "bad_request"
    detail = "The request is broken."

    def __init__(self, detail: str = "", *, code: str = "", headers: dict | None = None, **members) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail
        self.code = code or self.code
        self.headers = headers or {}
        self.members = members


class Unauthorized(Problem):
    """401. `challenge` goes behind the realm in `WWW-Authenticate` (RFC 6750 §3)."""

    status = 401
    code = "not_authenticated"
    detail = "Sign in or send an API key: this call needs a credential."

    def __init__(self, detail: str = "", *, code: str = "", challenge: str = "", **members) -> None:
        header = f'Bearer realm="{REALM}"' + (f", {challenge}" if challenge else "")
        super().__init__(detail, code=code, headers={"WWW-Authenticate": header}, **members)


class InvalidToken(Unauthorized):
    """401 `invalid_token`: the one 401 that is worth a refresh."""

    def __init__(self, detail: str = "This access token is not valid, or not any more: refresh it.") -> None:
        super().__init__(detail, code="invalid_token", challenge='error="invalid_token"')


class Forbidden(Problem):
    """403: a valid credential that may not do this."""

    status = 403
    code = "forbidden_role"
    detail = "Your role does not allow this."


class NotFound(Problem):
    """404, the same for what never was and for what is somebody else's."""

    status = 404
    code = "not_found"
    detail = "There is nothing here, or nothing of yours."


class MethodNotAllowed(Problem):
    """405 with `Allow` (RFC 9110 §15.5.6)."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: list[str]) -> None:
        allow = ", ".join(allowed)
        super().__init__(f"{method} is not possible here: use {allow}.", headers={"Allow": allow})


class Conflict(Problem):
    """409."""

    status = 409
    code = "already_exists"
    detail = "That exists already."


class PayloadTooLarge(Problem):
    """413."""

    status = 413
    code = "payload_too_large"
    detail = "The body is too large: 64 KB at most."


class UnsupportedMediaType(Problem):
    """415."""

    status = 415
    code = "unsupported_media_type"
    detail = "Send the body as application/json."


class ValidationProblem(Problem):
    """422 with every fault at once."""

    status = 422
    code = "validation_error"
    detail = "Something in the request is not right: see errors."

    def __init__(self, faults: list[Fault], detail: str = "") -> None:
        if not detail and len(faults) == 1:
            place = faults[0].parameter or (faults[0].pointer or "").removeprefix("#/").removeprefix("#")
            detail = f"{place}: {faults[0].detail}" if place else faults[0].detail
        super().__init__(detail, errors=[fault.as_dict() for fault in faults])
        self.faults = faults


class TooManyRequests(Problem):
    """429, always with `Retry-After` in whole seconds (RFC 6585 §4)."""

    status = 429
    code = "rate_limited"

    def __init__(self, detail: str, *, wait: float, code: str = "") -> None:
        self.wait = max(1, math.ceil(wait))
        super().__init__(detail, code=code, headers={"Retry-After": str(self.wait)})


class TooManyAttempts(TooManyRequests):
    """429 for guessing; raised below every sign-in door and turned into an answer by the middleware."""

    code = "too_many_attempts"

    def __init__(self, wait: float) -> None:
        seconds = max(1, math.ceil(wait))
        when = f"{seconds} seconds" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
        super().__init__(f"Too many attempts: try again in {when}.", wait=wait)


class ServiceUnavailable(Problem):
    """503 with `Retry-After`."""

    status = 503
    code = "service_unavailable"
    detail = "A part of the service is away for a moment: try again."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(RETRY_AFTER_OUTAGE)})


class ServerError(Problem):
    """500: a bug of ours."""

    status = 500
    code = "server_error"
    detail = "Something went wrong on our side: tell us the request id."


def body_of(problem: Problem, request) -> dict:
    """The members of the problem's JSON object; whatever a caller sent by mistake is masked."""
    return {
        "type": f"{settings.SITE_URL}/docs/errors#{problem.code}",
        "title": TITLES[problem.status],
        "status": problem.status,
        "detail": mask(problem.detail),
        "code": problem.code,
        "request_id": getattr(request, "request_id", ""),
        **problem.members,
    }


def _shape_of(request):
    """What the endpoint behind the path makes of a problem's body; a middleware may refuse before it is reached."""
    try:
        view = resolve(request.path_info).func
    except Http404:
        view = None
    return getattr(getattr(view, "view_class", None), "shape_problem", lambda body: body)


def problem_response(problem: Problem, request) -> HttpResponse:
    """The problem as a plain Django response, for middleware and Django's own errors."""
    body = _shape_of(request)(body_of(problem, request))
    response = JsonResponse(body, status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    return response


def as_problem(error: Exception) -> Problem | None:
    """The problem that an exception means; None for one that nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404 | exceptions.NotFound):
        return NotFound()
    if isinstance(error, exceptions.UnsupportedMediaType):
        return UnsupportedMediaType()
    if isinstance(error, exceptions.NotAuthenticated):
        return Unauthorized()
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return Forbidden()
    if isinstance(error, DATABASE_AWAY):
        log.error("database away", exc_info=error)
        return ServiceUnavailable()
    return None
