"""The source of the map's tiles and their credit, as settings.py reads them."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_LIKE = "give it like https://tile.example/{z}/{x}/{y}.png"
# The host goes into a header unchanged, and the address into a page.
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_REST = re.compile(r"[A-Za-z0-9._~/?=&%+,:@!*-]+")


class Tiles(NamedTuple):
    """A server of map tiles: its address with {z}, {x} and {y}, and its origin for a content security policy."""

    url: str
    origin: str


class Credit(NamedTuple):
    """The owner of the map, and an address with more about it; either may be empty."""

    text: str
    url: str


def map_tiles(value: str, tls: bool) -> Tiles | None:
    """Return the source of tiles, or None for no map. A path is on this server itself."""
    url = value.strip()
    if not url:
        return None
    if "{s}" in url:
        raise ImproperlyConfigured(f"MAP_TILES_URL is {url!r}: put one of the server's names in the place of {{s}}.")
    if any(part not in url for part in ("{z}", "{x}", "{y}")) or not _is_address(url):
        raise ImproperlyConfigured(f"MAP_TILES_URL is {url!r}: {_LIKE}, or as a path of this server, /tiles/...")
    if tls and url.lower().startswith("http:"):
        raise ImproperlyConfigured(f"MAP_TILES_URL is {url!r}: a page of https:// shows no pictures of http://.")
    parts = urlsplit(url)
    return Tiles(url, f"{parts.scheme}://{parts.netloc.lower()}" if parts.netloc else "'self'")


def map_credit(value: str) -> Credit:
    """Return a text whose last word may be an address: “© OpenStreetMap https://www.openstreetmap.org/copyright”."""
    if "<" in value or "&" in value.partition("://")[0]:
        raise ImproperlyConfigured(
            f"MAP_ATTRIBUTION is {value!r}: give plain text, with an address at its end where it is to be a link, "
            "like © OpenStreetMap https://www.openstreetmap.org/copyright"
        )
    text, _, last = value.strip().rpartition(" ")
    if re.fullmatch(r"https?://[^\s\"'<>]+", last):
        return Credit(text.strip() or last, last)
    return Credit(value.strip(), "")


def _is_address(url: str) -> bool:
    """Tell whether it is an absolute path, or an address without a user, with no other braces than Leaflet's."""
    try:
        scheme, host, *_ = urlsplit(url)
    except ValueError:
        return False
    rest = url.removeprefix(f"{url[: len(scheme)]}://{host}") if host else url
    is_whole = scheme in ("http", "https") and _HOST_AND_PORT.fullmatch(host) is not None
    is_path = not scheme and not host and url.startswith("/") and not url.startswith("//")
    return (is_whole or is_path) and _REST.fullmatch(re.sub(r"\{[zxyr]\}", "0", rest)) is not None
