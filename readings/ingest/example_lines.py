"""The examples of refused reports that staff see: a line each, in which no text holds a key."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from rest_framework.request import Request

from readings.ingest.reports import NO_SEQ

# A possible key in a wrong place: long, with the characters of a key. A MAC with hyphens or a decimal is not one.
_SECRET = re.compile(
    r"(?<![\w.~-]) (?! (?: (?:[0-9a-f]{2}-)+ [0-9a-f]{0,2} | [-+]?[0-9]*\.[0-9]+ ) (?![\w.~-]) ) [\w.~-]{16,}",
    re.A | re.I | re.X,
)
_UPDATE = re.compile("/+update", re.IGNORECASE)  # as in readings/urls.py
_NAME = re.compile(r"[A-Za-z_]{1,12}[0-9]?")
_SHOWN = {"mac", "field", "data"}
_MOST_OF_A_PART = 60
_MOST_READ = 200
_OF_A_KEY = string.ascii_letters + string.digits + "._~-"


def shown(text: str) -> str:
    """Return a board's text as one short line of ASCII, with every possible key masked."""
    if len(text) > _MOST_READ:
        text = text[:_MOST_READ].rstrip(_OF_A_KEY) + "..."  # Half a key would not be recognised.
    text = text.encode("unicode_escape").decode()
    return (_SECRET.sub("***", text) if len(text) >= 16 else text)[:_MOST_OF_A_PART]


def example(request: Request, parts: Mapping[str, str]) -> str:
    """Return a request's line without its key: the known parts, and only the names of other parts.

    A view for devices of other makers, which knows their names, has put its own line into `device`.
    """
    if "device" in parts:
        line = parts["device"]
    elif parts:
        mac, field, data = (shown(parts[name]) for name in ("mac", "field", "data"))
        line = f"/update/API_key=***/mac={mac}/field={field}/data={data}"
    elif beginning := _UPDATE.match(line := request.path_info):
        segments = map(_segment, line[beginning.end() :].split("/")[:9])
        query = map(_segment, filter(None, request.META.get("QUERY_STRING", "").split("&")[:9]))
        line = "?".join(filter(None, [beginning[0] + "/".join(segments), "&".join(query)]))
    return f"{shown(str(request.method))} {line}"[:300]


def numbered(request: Request, seq: int) -> str:
    """Return the line for a reading of a report."""
    return f"{request.method} a reading without seq" if seq == NO_SEQ else f"{request.method} seq {seq}"


def member(name: str, told: str) -> str:
    """Return the line for a part of what a report says of its board."""
    return f"board, {name}: {shown(told)}"


def named(station: int, name: str) -> str:
    """Return the line for a name that a station's report had."""
    return f"station {station}: {shown(name)}"


def _segment(segment: str) -> str:
    name, equals, value = segment.partition("=")
    if not segment:
        return ""
    if not equals or not _NAME.fullmatch(name):
        return "***"
    return f"{name}={shown(value) if name.lower() in _SHOWN else '***'}"
