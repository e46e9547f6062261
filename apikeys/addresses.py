"""Address lists of a key: canonical text, and whether an address is in one."""

import ipaddress
from collections.abc import Iterable

from protocol.address import Address

MOST = 50


def canonical(text: str) -> str:
    """An address or CIDR as it is stored; an IPv4-mapped IPv6 address is its IPv4 one. Raises ValueError."""
    if "%" in text:
        raise ValueError("a zone (fe80::1%eth0) has a meaning on one machine alone")
    if "/" in text and not text.rpartition("/")[2].strip().isdecimal():
        raise ValueError("a mask of addresses reads two ways: write the number of bits")
    network = ipaddress.ip_network(text.strip())
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped:
            network = ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}")
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def allows(allowed: Iterable[str], address: Address | None) -> bool:
    """Whether a list lets an address in; an empty list lets all in, an unreadable address only fits that."""
    networks = [ipaddress.ip_network(text) for text in allowed]
    return not networks or (address is not None and any(address in network for network in networks))


def covers(wider: Iterable[str], narrower: Iterable[str]) -> bool:
    """Whether every address of `narrower` is in `wider`; an empty list is everywhere."""
    outer = [ipaddress.ip_network(text) for text in wider]
    inner = [ipaddress.ip_network(text) for text in narrower]
    if not outer:
        return True
    if not inner:
        return False
    return all(
        any(net.version == out.version and net.subnet_of(out) for out in outer)  # type: ignore[arg-type]
        for net in inner
    )
