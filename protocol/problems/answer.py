"""How a refusal leaves: as problem details (RFC 9457), by DRF's handler or as a plain Django response."""

import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import resolve
from rest_framework import exceptions

from protocol.masking import mask
from protocol.problems.kinds import (
    TITLES,
    Forbidden,
    NotFound,
    Problem,
    ServiceUnavailable,
    Unauthorized,
    UnsupportedMediaType,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)


def body_of(problem: Problem, request) -> dict:
    """The members of the problem's JSON object; whatever a caller sent by mistake is masked.

    Every refusal passes here, so here the request is told which it was (`request.refusal`: code and rule).
    """
    request.refusal = (problem.code, problem.rule)
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
        log.error("the database is away: %s", type(error).__name__)  # a line each: an outage has thousands
        return ServiceUnavailable()
    return None
