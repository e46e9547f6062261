"""The request at hand, for what is recorded far below the views."""

import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

from protocol.masking import mask

AGENT_LENGTH = 200  # characters kept of a user agent


@dataclass(frozen=True, slots=True)
class Proved:
    """Whose credential a request carried, once its digest or signature had matched; as `request.proved`.

    It says nothing of whether the credential was still good: a revoked key that matches is proved too.
    """

    team_id: uuid.UUID | None
    key_id: uuid.UUID | None = None
    developer_id: uuid.UUID | None = None


current_request: ContextVar = ContextVar("current_request", default=None)


def caller_of(request) -> tuple[str | None, str]:
    """(address, agent) of a request as they are stored: the agent cut and without control characters."""
    if request is None:
        return None, ""
    address = getattr(request, "caller", None) and request.caller.address
    return (str(address) if address else None), agent_of(request.META.get("HTTP_USER_AGENT", ""))


@lru_cache(1024)
def agent_of(header: str) -> str:
    """A User-Agent as it is stored; most callers send the same one again."""
    # Header bytes arrive as latin-1 (PEP 3333); what is no UTF-8, or can't be shown, becomes the replacement character.
    agent = header.encode("latin-1", "replace").decode("utf-8", "replace")
    agent = "".join(c if c.isprintable() else "\ufffd" for c in agent)
    return mask(agent)[:AGENT_LENGTH]
