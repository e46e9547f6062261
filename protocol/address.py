"""Who is really calling, and over which scheme.

The one place that reads forwarding headers (contract §6). If the socket's peer is not a trusted proxy, every
forwarding header is dropped; otherwise the address is the right-most hop of `X-Forwarded-For` that is not trusted
and the scheme the right-most `X-Forwarded-Proto`.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDING_HEADERS = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_SSL",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)
IPV4_NEIGHBOURHOOD = 24  # bits of an address that make "the same network"
IPV6_NEIGHBOURHOOD = 64  # one IPv6 customer holds at least a /64


@dataclass(frozen=True)
class Caller:
    """Where a request comes from. `address` is None when it could not be read; `counted` is the network that guess
    counters use, None for a proxy that nobody declared (it would count all its callers as one); `direct` is a caller
    without any forwarding header: a proxy sends one at least."""

    address: Address | None
    secure: bool
    counted: str | None
    undeclared_proxy: bool = False
    direct: bool = False


@lru_cache(4096)  # most callers call again
def parse_address(text: str) -> Address | None:
    """Read one address, with or without port or brackets; an IPv4-mapped IPv6 address is its IPv4 one."""
    text = text.strip().strip('"')
    if text.startswith("[") and "]" in text:
        text = text[1 : text.index("]")]
    elif text.count(":") == 1:
        text = text.split(":")[0]
    try:
        # A scope id (fe80::1%eth0) names an interface of this machine, not a caller.
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def network_of(address: Address | str | None) -> str:
    """The /24 or /64 an address lies in, as text; '' for no address."""
    if isinstance(address, str):
        address = parse_address(address)
    if address is None:
        return ""
    bits = IPV4_NEIGHBOURHOOD if address.version == 4 else IPV6_NEIGHBOURHOOD
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


@lru_cache(4096)
def counted_as(address: Address | None) -> str | None:
    """The name under which an address is counted: itself, or its /64 for IPv6."""
    if address is None:
        return None
    return network_of(address) if address.version == 6 else str(address)


def resolve(meta: dict, trusted: tuple[Network, ...]) -> Caller:
    """Find the caller of a WSGI environment and drop the forwarding headers from it.

    Args:
        meta: the WSGI environment; its forwarding headers are removed and `wsgi.url_scheme` is set to the truth.
        trusted: the networks of the proxies that stand before this server.
    """
    peer = parse_address(meta.get("REMOTE_ADDR", ""))
    forwarded = {name: meta.pop(name, None) for name in FORWARDING_HEADERS}
    direct = not any(forwarded.values())
    secure = meta.get("wsgi.url_scheme") == "https"
    if not _is_trusted(peer, trusted):
        undeclared = bool(not direct and peer and peer.is_private and not peer.is_loopback)
        return Caller(peer, secure, None if undeclared else counted_as(peer), undeclared, direct)
    address: Address | None = peer
    for hop in reversed((forwarded["HTTP_X_FORWARDED_FOR"] or "").split(",")):
        if not hop.strip():
            continue
        address = parse_address(hop)
        if address is None or not _is_trusted(address, trusted):
            break
    scheme = (forwarded["HTTP_X_FORWARDED_PROTO"] or "").rpartition(",")[2].strip().lower()
    secure = scheme == "https" if scheme else secure
    meta["wsgi.url_scheme"] = "https" if secure else "http"
    # What no proxy of ours wrote cleanly is counted under the proxy, or it would not be counted at all.
    return Caller(address, secure, counted_as(address) or counted_as(peer), direct=direct)


def _is_trusted(address: Address | None, trusted: tuple[Network, ...]) -> bool:
    return address is not None and any(address in network for network in trusted)
