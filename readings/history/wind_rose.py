"""How often the wind came from each of 16 sectors, for a wind rose and for the direction that prevails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import radians, tan
from typing import NamedTuple

from freetemp.fields import to_millis
from freetemp.sql import execute_values
from readings.calendar.span import Span
from readings.models.direction import SPEED, with_speed
from stations.models import Field
from stations.units import conversion

SECTORS = 16  # A wind rose has as many, each 22.5 degrees wide, with north in the middle of the first.
WIDTH_DEG = 360 / SECTORS
# The least speeds in m/s of a wind rose's classes but the first: those of the Beaufort forces 2, 4, 6 and 8. Slower
# than force 1 is a calm. WMO-No. 306, Manual on Codes, volume I.1, section E.
SPEEDS_MS, CALM_MS = (1.6, 5.5, 10.8, 17.2), 0.3


class Rose(NamedTuple):
    """How often the wind came from each of 16 sectors, by classes of its speed, in quarters of an hour.

    `counts` has a row for each class of speed, the slowest first, and a single row if the station measures no speed.
    A calm quarter is only in `calm`.
    """

    counts: Sequence[Sequence[int]]
    calm: int

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts)) + self.calm


class _Count(NamedTuple):
    """The quarters of a part from a sector, or from none (-1) in a calm, in a class of speed."""

    part: int
    sector: int
    speed: int
    n: int


def rose(of: Field, speed: Field | None, start: datetime, end: datetime) -> Rose:
    """Return the wind rose of a span, of the mean directions and speeds of quarters of an hour.

    `speed` is the field of the station's wind speed, whose unit sets the limits of the classes.
    """
    calm_below, *limits = _in_unit_of(speed, CALM_MS, *SPEEDS_MS) or [0.0]
    counts, calm = [[0] * SECTORS for _ in range(len(limits) + 1)], 0
    span = Span(to_millis(start), to_millis(end)).whole_quarters()
    for found in _counted(of, [span], calm_below, limits):
        if found.sector < 0:
            calm += found.n
        else:
            counts[found.speed][found.sector] += found.n
    return Rose(counts, calm)


def by_sector(of: Field, speed: Field | None, edges_ms: Sequence[int]) -> Mapping[int, Mapping[int, int]]:
    """Return the number of quarters with wind by the index of the part between the edges, and by sector."""
    calm_below = (_in_unit_of(speed, CALM_MS) or [0.0])[0]
    spans = [Span(*each) for each in pairwise(edges_ms)]
    counts: dict[int, dict[int, int]] = {}
    for found in _counted(of, spans, calm_below, ()):
        if found.sector >= 0:
            own = counts.setdefault(found.part, {})
            own[found.sector] = own.get(found.sector, 0) + found.n
    return counts


def _in_unit_of(speed: Field | None, *speeds_ms: float) -> list[float]:
    """Return speeds in a field's unit, or none if there is no field or its unit is not one of wind."""
    to_own = conversion("m/s", speed.unit) if speed else None
    return [to_own.apply(each) for each in speeds_ms] if to_own else []


def _counted(of: Field, spans: Sequence[Span], calm_below: float, limits: Sequence[float]) -> list[_Count]:
    """Count the quarters of each span. Speeds are in the unit of the station's wind speed."""
    # Grouped by the database: a year has 35,000 quarters.
    is_calm = f"d.east * d.east + d.north * d.north < 1e-18 * d.count * d.count OR {SPEED} < {calm_below!r}"
    faster = " + ".join(f"CASE WHEN {SPEED} >= {limit!r} THEN 1 ELSE 0 END" for limit in limits) or "0"
    statement = (
        f"WITH wanted (part, first, after) AS (VALUES {{places}}) SELECT part,"  # noqa: S608 - our names
        f" CASE WHEN {is_calm} THEN -1 ELSE {_SECTOR} END, {faster}, count(*)"
        f" FROM wanted CROSS JOIN {with_speed(of.station_id)}"
        f" WHERE d.station_id = {of.station_id:d} AND d.field = {of.number:d}"
        " AND d.start >= wanted.first AND d.start < wanted.after GROUP BY 1, 2, 3"
    )
    rows = execute_values(statement, [(part, *span) for part, span in enumerate(spans)]).returned
    # North, too, is on both sides.
    return [_Count(part, sector if sector < 0 else sector % SECTORS, *rest) for part, sector, *rest in rows]


def _sector(first: int, last: int, side: int) -> str:
    """Return SQL for the sector of a vector on the eastern side (1) or, mirrored, on the western (-1).

    It halves the sectors again and again: SQLite may have no arc tangent, and this takes half the time of trying each.
    """
    if first == last:
        return str(first)
    middle = (first + last) // 2
    cotangent = 1 / tan(radians((middle + 0.5) * WIDTH_DEG))
    before, after = _sector(first, middle, side), _sector(middle + 1, last, side)
    return f"CASE WHEN d.north > {side * cotangent!r} * d.east THEN {before} ELSE {after} END"


_HALF = SECTORS // 2
_SECTOR = f"CASE WHEN d.east >= 0 THEN {_sector(0, _HALF, 1)} ELSE {SECTORS} - {_sector(0, _HALF, -1)} END"
