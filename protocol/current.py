"""The request at hand, for what is recorded far below the views."""

from contextvars import ContextVar

AGENT_LENGTH = 200  # characters kept of a user agent

current_request: ContextVar = ContextVar("current_request", default=None)


def caller_of(request) -> tuple[str | None, str]:
    """(address, agent) of a request as they are stored: the agent cut and without control characters."""
    if request is None:
        return None, ""
    agent = "".join(c if c.isprintable() else "�" for c in request.META.get("HTTP_USER_AGENT", ""))
    # Header bytes arrive as latin-1; what is no UTF-8 becomes the replacement character.
    agent = agent.encode("latin-1", "replace").decode("utf-8", "replace")[:AGENT_LENGTH]
    address = getattr(request, "caller", None) and request.caller.address
    return (str(address) if address else None), agent
