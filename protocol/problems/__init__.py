"""Every refusal of the API, in one shape: RFC 9457 problem details.

A `Problem` is data: status, code, sentence, headers. `handler.exception_handler` (DRF) and `problem_response` (Django's
own errors) are the only two doors through which one leaves.
"""

from protocol.problems.answer import DATABASE_AWAY, MEDIA_TYPE, as_problem, body_of, problem_response
from protocol.problems.kinds import (
    REALM,
    RETRY_AFTER_OUTAGE,
    TITLES,
    Conflict,
    Fault,
    Forbidden,
    InvalidToken,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    ServerError,
    ServiceUnavailable,
    TooManyAttempts,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
    ValidationProblem,
)

__all__ = [
    "Conflict",
    "DATABASE_AWAY",
    "Fault",
    "Forbidden",
    "InvalidToken",
    "MEDIA_TYPE",
    "MethodNotAllowed",
    "NotFound",
    "PayloadTooLarge",
    "Problem",
    "REALM",
    "RETRY_AFTER_OUTAGE",
    "ServerError",
    "ServiceUnavailable",
    "TITLES",
    "TooManyAttempts",
    "TooManyRequests",
    "Unauthorized",
    "UnsupportedMediaType",
    "ValidationProblem",
    "as_problem",
    "body_of",
    "problem_response",
]
