"""The address at which a board finds its server."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from firmware.sources.base import SourceError
from freetemp.conf import environment


def board_address(given: str | None = None) -> str:
    """Return the address for a board: the given one unchanged, else SERVER_URL if a board can reach it.

    Boards speak plain HTTP. If SERVER_URL is https://, they report to port 80 of the same name, and the shipped nginx
    accepts their requests there (docs/deploy.md).
    """
    if given is not None:
        return _plain(_checked(given), f"{given} is https://")
    url: str = settings.SERVER_URL
    if not is_reachable(url):
        raise SourceError(
            f"SERVER_URL is {url}, which an ESP8266 cannot reach: it knows neither loopback nor .local names nor IPv6. "
            "Serve with `python3 bootstrap.py serve --lan`, set SERVER_URL in .env to this server's address in the "
            "network, or give that with --server-url."
        )
    parts = urlsplit(url)
    return f"http://{parts.netloc}" if parts.port is None else _plain(url, f"SERVER_URL is {url}, a port with TLS")


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
        raise SourceError(f"{url!r} is not a server address: give it like http://192.168.1.20:8000.") from error


def _plain(url: str, complaint: str) -> str:
    if not url.startswith("http://"):
        raise SourceError(
            f"{complaint}, and boards speak plain HTTP: give the http:// address at which they reach this server."
        )
    return url
