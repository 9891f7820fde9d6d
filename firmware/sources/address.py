"""The address at which a board finds its server."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from firmware.sources.base import SourceError
from freetemp import environment


def board_address(given: str | None = None) -> str:
    """Return the address that goes onto a board: the one given, as it is, else SERVER_URL if a board can reach it."""
    if given is not None:
        return _checked(given)
    url: str = settings.SERVER_URL
    if not is_reachable(url):
        raise SourceError(
            f"SERVER_URL is {url}, which an ESP8266 cannot reach: it knows neither loopback nor .local names nor IPv6. "
            "Serve with `python3 bootstrap.py serve --lan`, set SERVER_URL in .env to this server's address in the "
            "network, or give that with --server-url."
        )
    return url


def is_reachable(url: str) -> bool:
    """Tell whether an ESP8266 may reach an address. Its network stack has no IPv6 and resolves no .local names."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and host != "localhost" and not host.endswith((".localhost", ".local"))
    return address.version == 4 and not (address.is_loopback or address.is_unspecified)


def _checked(url: str) -> str:
    try:
        return environment.server_url(url)
    except ImproperlyConfigured as error:
        raise SourceError(f"{url!r} is no server address: give it like http://192.168.1.20:8000.") from error
