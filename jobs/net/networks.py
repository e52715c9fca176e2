"""The addresses of networks: what stands in one, and which of them are one client."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address


def client_at(text: str, bits: int = 64) -> str:
    """What a client is counted by: its address; of IPv6 its /64, of which it has all addresses.

    Or a wider network, where one that a customer may have counts for one client: the /48.
    """
    address = read(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), bits), strict=False))
    return str(address or "")


def read(text: str) -> Address | None:
    """An address as proxies write it: bare, with a port, in brackets; None for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
