"""The client's address of a request that comes through proxies, and the network that it is counted under."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(meta: Mapping[str, Any]) -> str:
    """Return the nearest address that is not a named proxy's: anything farther may be forged.

    `meta` is a request's META, or WSGI environment. X-Forwarded-For is read from its right end, and only as long as the
    address that passed it on is in TRUSTED_PROXIES.
    """
    address = _parse(meta.get("REMOTE_ADDR", ""))
    hops = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while hops and _is_trusted(address):
        nearest = _parse(hops.pop())
        if nearest is None:
            break
        address = nearest
    return str(address or "")


def client_network(meta: Mapping[str, Any]) -> str:
    """Return the network that a request is counted under, by its META: an IPv4 address, or the /64 of an IPv6 address.

    A client with one address of a /64 has all of them.
    """
    address = client_address(meta)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((int(ipaddress.ip_address(address)), 64), strict=False))


def says_https(meta: Mapping[str, Any]) -> bool:
    """Tell whether a named proxy says that its client used TLS."""
    return meta.get("HTTP_X_FORWARDED_PROTO") == "https" and _is_trusted(_parse(meta.get("REMOTE_ADDR", "")))


def _is_trusted(address: Address | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _parse(text: str) -> Address | None:
    """Return the address in a text. ::ffff:10.0.0.1, as a server that listens on [::] sees it, becomes 10.0.0.1."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
