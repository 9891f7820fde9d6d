"""The address at which a board finds its server."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from firmware.sources.base import SourceError
from freetemp.conf import environment
from freetemp.listening import is_of_this_machine


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
            "Stop the server if it runs, and serve with `python3 bootstrap.py serve --lan`; or set SERVER_URL in .env "
            "to the server's address in the network; or give that with --server-url."
        )
    parts = urlsplit(url)
    if parts.port is not None:
        return _plain(url, f"SERVER_URL is {url}, a port with TLS")
    return f"http://{parts.netloc}{parts.path}"


def moved_away() -> str:
    """Return a warning if the server runs at an address that this computer has no more, else nothing.

    A router may give a computer another address at any time. A server started with --lan goes on naming the first one.
    """
    if settings.SERVER_URL == settings.GIVEN_SERVER_URL or _is_here(urlsplit(settings.SERVER_URL).hostname or ""):
        return ""
    return (
        f"The server was started at {settings.SERVER_URL}, and this computer does not have that address now: start "
        "the server again, or no board may find it."
    )


def _is_here(host: str) -> bool:
    """Tell whether a host is an address of this computer, or a name or IPv6 address that cannot be judged."""
    try:
        return ipaddress.ip_address(host).version == 6 or is_of_this_machine(host)
    except ValueError:
        return True


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
