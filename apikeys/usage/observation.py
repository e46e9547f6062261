"""One answered request, as it is remembered: no body, no query, no secret."""

import uuid
from typing import NamedTuple

from apikeys.peppers import Redigest
from protocol.current import Proved


class Observation(NamedTuple):
    """What is known of a request once it is answered.

    `refusal` is (code, rule) of its problem. `at` and `ms` are Unix seconds and milliseconds; `route` is the template
    ("/api/v1/users/{user_id}", "" for none), never the path; `origin` is the header of browsers, as it was sent.
    """

    id: uuid.UUID
    request_id: str
    at: float
    ms: float
    method: str
    route: str
    status: int
    refusal: tuple[str, str]
    proved: Proved | None
    credential: str
    ip: str | None
    agent: str
    counted_alone: bool | None
    new_digest: Redigest | None
    origin: str = ""
