"""The kinds of trouble that a board reports about itself, each with what to do. docs/troubleshooting.md has them."""

from __future__ import annotations

import re
from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of trouble: the words of the board that tell it, what to do, and whether there is anything to do."""

    name: str
    words: re.Pattern[str]
    title: str
    advice: str
    needs_nothing: bool = False


SENSOR = Kind(
    "sensor",
    re.compile(r"[a-z]\w*: "),  # the driver's name
    "Boards whose sensor gives no reading",
    "Look at the sensor's wires first. docs/sensors.md has each message with its remedy.",
)
# As firmware/device/lib/reporter.py writes them.
KINDS = (
    Kind(
        "flash",
        re.compile(r"flash: "),
        "Boards whose flash cannot be written",
        "Readings that wait for WiFi are lost at a power cut. Flash the board again; if it stays, take another board.",
    ),
    Kind(
        "overflow",
        re.compile(r"\d+ too many\b"),
        "Boards that had no room for more readings",
        "The oldest went. If the board was out of WiFi's reach for long, bring it nearer or set a longer interval; if "
        "not, its flash is worn: take another board. It says so for a day.",
    ),
    Kind(
        "damaged",
        re.compile(r"\d+ damaged\b"),
        "Boards whose flash returned other bytes than were written",
        "Once is a power cut, and needs nothing. If it comes again, the flash is worn: take another board. It says so "
        "for a day.",
    ),
    Kind(
        "refused",
        re.compile(r"\d+ refused\b"),
        "Boards with readings that this server can never store",
        "As a rule their fields have changed: give the station the fields that its board was flashed with, or flash it "
        "again. It says so for a day.",
    ),
    Kind(
        "undated",
        re.compile(r"\d+ without a date\b"),
        "Boards that could not date some readings",
        "Nothing to do: the board was switched off before it ever reached this server, so it did not know the time. It "
        "says so for a day.",
        needs_nothing=True,
    ),
    SENSOR,
)


def parts_of(trouble: str) -> dict[Kind, str]:
    """Return a board's words by their kind. Words of no known kind are its sensor's, or those of another firmware."""
    parts: dict[Kind, str] = {}
    for part in filter(None, trouble.split("; ")):
        kind = next((kind for kind in KINDS if kind.words.match(part)), SENSOR)
        parts[kind] = "; ".join(filter(None, [parts.get(kind, ""), part]))
    return parts
