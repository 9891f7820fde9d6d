"""The opening words of the API's description, and the order of its addresses: what most programs want comes first."""

from __future__ import annotations

from typing import Any

STATIONS, BOARDS, FLASHING = "stations", "boards", "flashing"

TAGS = [
    {"name": STATIONS, "description": "Read stations, their newest values and their history. Public ones need no key."},
    {"name": BOARDS, "description": "Report readings, with a station's MAC address and key."},
    {"name": FLASHING, "description": "Used by `flash_station --server`, with a token from the admin."},
]
_FIRST = ("/api/v1/stations/", "/update/", "/api/v1/readings/", "/api/v1/flash/")

# Swagger UI resolves the links from /api/v1/docs/.
WORDS = """\
[Back to the stations](../../../)

Read what the stations measure; no key is needed for public ones. Values are in each field's own unit.

    curl {server}/api/v1/stations/
    curl "{server}/api/v1/stations/1/series/?field=1&start=2026-11-27&end=2026-11-28"

The first answers every station with its fields and newest values, the second a field's history in at most 500 points.
All readings as they are stored come as files, for a `period` or from `start` to `end`:

    curl -O "{server}/stations/1/readings.csv?period=month&date=2026-11-01"
    curl "{server}/stations/1/readings.json?period=all"

`readings.xlsx` is a spreadsheet. Moments are ISO 8601 or Unix seconds; without an offset they are in the station's time
zone.
"""


def description(server_url: str) -> str:
    """Return the words above the addresses, with examples for this server."""
    return WORDS.format(server=server_url)


def position(endpoint: tuple[str, Any, str, Any]) -> tuple[int, str, str]:
    """Return the place of an address in the description: by its reader, then by its path."""
    path, _, method, _ = endpoint
    found = (index for index, beginning in enumerate(_FIRST) if path.startswith(beginning))
    return next(found, len(_FIRST)), path, method
