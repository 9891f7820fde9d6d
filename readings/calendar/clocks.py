"""A zone's clocks for the scripts of a page: a browser's own rules may be older, or lack the zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from readings.calendar.local_time import LATEST

_STEP_S = 3 * 86_400  # Since 1970 no zone has set its clocks twice within six days.
# A viewer may zoom out to two centuries around the present, of which a twentieth is in the future.
YEARS_AHEAD = 12


class Clocks(NamedTuple):
    """What clocks show from a moment on: their offset from UTC in seconds, and the name of their time."""

    offset_s: int
    name: str


def clock_name(local: datetime) -> str:
    """Return the name of a local moment's time: “CEST”, or “UTC+05:45” where nobody uses a short name."""
    name = local.tzname() or ""
    if name[:1] not in "+-":
        return name
    digits = name[1:].ljust(4, "0")
    return f"UTC{name[0]}{digits[:2]}:{digits[2:4]}"


def clocks_for_scripts(zone: ZoneInfo, latest: datetime) -> dict[str, Any]:
    """Return the changes of a zone's clocks from 1970 until years after a moment, for static/js/lib/zone.js.

    `changes` alternates between the seconds since the change before, the first since 1970, and an index of `kinds`.
    """
    changes = _changes(zone, min(latest.astimezone(UTC).year + YEARS_AHEAD, LATEST.year))
    kinds = list(dict.fromkeys(clocks for _, clocks in changes))
    distances = [0, *(after[0] - before[0] for before, after in pairwise(changes))]
    numbers = [kinds.index(clocks) for _, clocks in changes]
    return {"kinds": kinds, "changes": [each for pair in zip(distances, numbers, strict=True) for each in pair]}


@lru_cache(maxsize=256)
def _changes(zone: ZoneInfo, until_year: int) -> list[tuple[int, Clocks]]:
    """Return the clocks of 1970 and every later change, by its moment in Unix seconds. It takes some 10 ms."""
    until_s = int(datetime(until_year, 1, 1, tzinfo=UTC).timestamp())
    moments = [0]
    for at_s in range(0, until_s, _STEP_S):
        moments += _between(zone, at_s, at_s + _STEP_S)
    return [(at_s, _clocks(datetime.fromtimestamp(at_s, zone))) for at_s in moments]


def _between(zone: ZoneInfo, since_s: int, until_s: int) -> Iterator[int]:
    last = _shown(zone, until_s)
    while _shown(zone, since_s) != last:
        since_s = _first_change(zone, since_s, until_s)
        yield since_s


def _first_change(zone: ZoneInfo, since_s: int, until_s: int) -> int:
    before = _shown(zone, since_s)
    while until_s - since_s > 1:
        middle_s = (since_s + until_s) // 2
        if _shown(zone, middle_s) == before:
            since_s = middle_s
        else:
            until_s = middle_s
    return until_s


def _shown(zone: ZoneInfo, at_s: int) -> tuple[timedelta | None, str | None]:
    local = datetime.fromtimestamp(at_s, zone)
    return local.utcoffset(), local.tzname()


def _clocks(local: datetime) -> Clocks:
    return Clocks(round((local.utcoffset() or timedelta()).total_seconds()), clock_name(local))
