"""The request at hand, for what is recorded far below the views."""

from contextvars import ContextVar

from protocol.masking import mask

AGENT_LENGTH = 200  # characters kept of a user agent

current_request: ContextVar = ContextVar("current_request", default=None)


def caller_of(request) -> tuple[str | None, str]:
    """(address, agent) of a request as they are stored: the agent cut and without control characters."""
    if request is None:
        return None, ""
    # Header bytes arrive as latin-1 (PEP 3333); what is no UTF-8, or can't be shown, becomes the replacement character.
    agent = request.META.get("HTTP_USER_AGENT", "").encode("latin-1", "replace").decode("utf-8", "replace")
    agent = "".join(c if c.isprintable() else "\ufffd" for c in agent)
    address = getattr(request, "caller", None) and request.caller.address
    return (str(address) if address else None), mask(agent)[:AGENT_LENGTH]
