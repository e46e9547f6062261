"""From where somebody usually signs in: the first sign-in from elsewhere is told to them."""

from accounts.models import Developer, Session
from accounts.templatetags.agents import device
from protocol.address import network_of

LOOKED_AT = 500  # sign-ins of the past, the newest


def is_new(developer: Developer, caller: tuple[str | None, str]) -> bool:
    """Whether this network and device were never seen together for this developer; the first sign-in ever is no news.

    The device and not the whole agent, or every update of a browser would be one.
    """
    past = Session.objects.of(developer).order_by("-created_at").values_list("ip", "user_agent")[:LOOKED_AT]
    known = {(network_of(ip), device(agent)) for ip, agent in past}
    address, agent = caller
    return bool(known) and (network_of(address), device(agent)) not in known
