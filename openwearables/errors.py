"""Django's own errors (400, 403, 404, CSRF, 500) in the shape of their door: JSON under /api/, a page elsewhere."""

import sys

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.shortcuts import render
from django.urls import is_valid_path

from protocol.masking import mask
from protocol.problems import (
    DATABASE_AWAY,
    RETRY_AFTER_OUTAGE,
    Forbidden,
    NotFound,
    Problem,
    ServerError,
    ServiceUnavailable,
    problem_response,
)


def _answer(request, problem: Problem):
    if request.path.startswith("/api/"):
        return problem_response(problem, request)
    context = {"problem": problem, "site_url": settings.SITE_URL}
    return render(request, f"{problem.status}.html", context, status=problem.status)


def _unavailable(request):
    response = _answer(request, ServiceUnavailable())
    response["Retry-After"] = str(RETRY_AFTER_OUTAGE)
    return response


def bad_request(request, exception=None):
    """400: a Host that is not ours, more fields than anyone needs; 503 for a browser's session that can't be saved.

    Django takes every failure to save one for a session that was deleted meanwhile, and says 400.
    """
    failed_save = exception.__context__ if isinstance(exception, SessionInterrupted) else None
    if failed_save and isinstance(failed_save.__context__, DATABASE_AWAY):
        return _unavailable(request)
    return _answer(request, Problem("The request is broken: check its Host and its form fields."))


def permission_denied(request, exception=None):
    """403."""
    return _answer(request, Forbidden())


def csrf_failure(request, reason=""):
    """403 for a form without its token: usually a page that was open for too long, or cookies that are off."""
    return _answer(
        request, Forbidden("This form is too old: go back, reload the page and try again.", code="csrf_failed")
    )


def not_found(request, exception=None):
    """404; under /api/ a trailing slash is told its right path, for there are no redirects."""
    path = request.path
    if path.startswith("/api/") and path.endswith("/") and is_valid_path(path.rstrip("/")):
        return _answer(request, NotFound(f"Paths have no slash at the end: use {mask(path.rstrip('/'))[:200]}."))
    return _answer(request, NotFound())


def server_error(request):
    """500, or 503 when the database is what failed (wherever: this runs for middleware too)."""
    if isinstance(sys.exc_info()[1], DATABASE_AWAY):
        return _unavailable(request)
    return _answer(request, ServerError())
