"""DRF's EXCEPTION_HANDLER: apart from `problems`, since DRF's views load every class that settings name."""

from rest_framework.views import set_rollback

from protocol.answer import Answer
from protocol.problems import MEDIA_TYPE, as_problem, body_of


def exception_handler(error: Exception, context: dict) -> Answer | None:
    """DRF's EXCEPTION_HANDLER; None lets a bug go on to Django's 500 (`problem_response` again)."""
    problem = as_problem(error)
    if problem is None:
        return None
    set_rollback()
    # The URL's own request carries the id; DRF's wraps it.
    body = body_of(problem, context["request"]._request)
    shape = getattr(context["view"], "shape_problem", None)
    if shape:
        body = shape(body)
    return Answer(body, status=problem.status, headers=problem.headers, media_type=MEDIA_TYPE)
