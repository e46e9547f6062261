"""The refusals there are: each is data, with a status, a stable code, a sentence and headers."""

import math
from dataclasses import dataclass

from protocol.masking import mask

REALM = "open-wearables"
RETRY_AFTER_OUTAGE = 2  # seconds

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
    """A refusal: `status`, a stable `code`, one sentence for people, and headers. Subclasses fix the first two.

    `rule` is what failed, for the request log and never for the caller: "revoked", "scope users:write".
    """

    status = 400
    code = "bad_request"
    detail = "The request is broken."

    def __init__(
        self, detail: str = "", *, code: str = "", rule: str = "", headers: dict | None = None, **members
    ) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail
        self.code = code or self.code
        self.rule = rule
        self.headers = headers or {}
        self.members = members


class Unauthorized(Problem):
    """401. `challenge` goes behind the realm in `WWW-Authenticate` (RFC 6750 §3)."""

    status = 401
    code = "not_authenticated"
    detail = "Sign in or send an API key: this call needs a credential."

    def __init__(self, detail: str = "", *, code: str = "", rule: str = "", challenge: str = "", **members) -> None:
        header = f'Bearer realm="{REALM}"' + (f", {challenge}" if challenge else "")
        super().__init__(detail, code=code, rule=rule, headers={"WWW-Authenticate": header}, **members)


class InvalidToken(Unauthorized):
    """401 `invalid_token`: the one 401 that is worth a refresh."""

    def __init__(
        self, detail: str = "This access token is not valid, or not any more: refresh it.", *, rule: str = ""
    ) -> None:
        super().__init__(detail, code="invalid_token", rule=rule, challenge='error="invalid_token"')


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
        super().__init__(detail, rule=_failed(faults), errors=[fault.as_dict() for fault in faults])
        self.faults = faults


def _failed(faults: list[Fault]) -> str:
    """Which fields failed how. The name of an unknown field is what the caller sent, so it is left out."""
    said = [
        fault.code if fault.code == "unknown_field" else f"{fault.parameter or fault.pointer} {fault.code}"
        for fault in faults[:5]
    ]
    return "; ".join(said)


class TooManyRequests(Problem):
    """429, always with `Retry-After` in whole seconds (RFC 6585 §4)."""

    status = 429
    code = "rate_limited"

    def __init__(self, detail: str, *, wait: float, code: str = "", rule: str = "") -> None:
        self.wait = max(1, math.ceil(wait))
        super().__init__(detail, code=code, rule=rule, headers={"Retry-After": str(self.wait)})


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
