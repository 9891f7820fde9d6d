"""Wind directions: the one that prevails, by the quarters of an hour of each month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import radians, tan
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from freetemp.fields import from_millis
from freetemp.sql import execute, execute_values
from readings.almanac.days import local_day
from readings.almanac.months import ByMonth, Months
from readings.history.directions import CALM_MS, SECTORS, Wind, winds
from readings.models.direction import speed_beside, with_speed
from stations.models import Field
from stations.units import conversion

_WIDTH_DEG = 360 / SECTORS


def _sector(first: int, last: int, side: int) -> str:
    """Return SQL for the sector of a vector on the eastern side (1) or, mirrored, on the western (-1).

    It halves the sectors again and again: SQLite may have no arc tangent, and this takes half the time of trying each.
    """
    if first == last:
        return str(first)
    middle = (first + last) // 2
    cotangent = 1 / tan(radians((middle + 0.5) * _WIDTH_DEG))
    before, after = _sector(first, middle, side), _sector(middle + 1, last, side)
    return f"CASE WHEN d.north > {side * cotangent!r} * d.east THEN {before} ELSE {after} END"


_HALF = SECTORS // 2
SECTOR = f"CASE WHEN d.east >= 0 THEN {_sector(0, _HALF, 1)} ELSE {SECTORS} - {_sector(0, _HALF, -1)} END"


class Prevailing(NamedTuple):
    """The direction from which the wind came most often.

    It is the middle of one of 16 sectors in degrees, and `share` is its part of the `quarters` with wind, from 0 to 1;
    both are None if there was no wind. `mean` is the mean direction by vectors.
    """

    quarters: int
    direction: float | None
    share: float | None
    mean: Wind


@dataclass(frozen=True)
class DirectionAlmanac:
    template: ClassVar[str] = "almanac/_direction.html"
    field: Field
    since: date
    has_speed: bool
    months: ByMonth[Prevailing]
    whole: Prevailing | None


def direction_almanac(field: Field, fields: Sequence[Field], months: Months, zone: ZoneInfo) -> DirectionAlmanac | None:
    """Return the almanac of a direction. `fields` are all of its station: the speed among them tells calms."""
    first_ms = execute(
        "SELECT min(start) FROM readings_directionday WHERE station_id = %s AND field = %s",
        [field.station_id, field.number],
    ).returned[0][0]
    if first_ms is None:
        return None
    speed = speed_beside(fields)
    counts = _counts(field, speed, months.edges_ms)
    means = winds([field], [from_millis(edge) for edge in months.edges_ms])
    found = {index: _prevailing(counts.get(index, {}), mean) for (_, index), mean in means.items()}
    since = local_day(first_ms, zone)
    return DirectionAlmanac(
        field, since, speed is not None, months.since(since, found.get), _whole(field, counts, months.edges_ms)
    )


def _whole(field: Field, counts: Mapping[int, Mapping[int, int]], edges_ms: Sequence[int]) -> Prevailing | None:
    if len(edges_ms) < 2:
        return None
    mean = winds([field], [from_millis(edges_ms[0]), from_millis(edges_ms[-1])]).get((field.number, 0))
    together: Counter[int] = Counter()
    for each in counts.values():
        together.update(each)
    return _prevailing(together, mean) if mean else None


def _prevailing(counts: Mapping[int, int], mean: Wind) -> Prevailing:
    quarters = sum(counts.values())
    if not quarters:
        return Prevailing(0, None, None, mean)
    sector, most = max(sorted(counts.items()), key=lambda each: each[1])
    return Prevailing(quarters, sector * _WIDTH_DEG, most / quarters, mean)


def _counts(field: Field, speed: Field | None, edges_ms: Sequence[int]) -> dict[int, dict[int, int]]:
    """Return the number of quarters with wind by (index of the month, sector)."""
    windy = ""
    if speed and (from_ms := conversion("m/s", speed.unit)):
        windy = f'AND (s.start IS NULL OR s."sum" >= {from_ms.apply(CALM_MS)!r} * s.count)'
    statement = (
        f"WITH wanted (part, first, after) AS (VALUES {{places}}) SELECT part, {SECTOR}, count(*)"  # noqa: S608 - our names
        f" FROM wanted CROSS JOIN {with_speed(field.station_id)}"
        f" WHERE d.station_id = {field.station_id:d} AND d.field = {field.number:d}"
        " AND d.start >= wanted.first AND d.start < wanted.after"
        f" AND abs(d.east) + abs(d.north) > 1e-9 * d.count {windy} GROUP BY 1, 2"
    )
    counts: dict[int, dict[int, int]] = {}
    for part, sector, n in execute_values(
        statement, [(n, *span) for n, span in enumerate(pairwise(edges_ms))]
    ).returned:
        own = counts.setdefault(part, {})
        own[sector % SECTORS] = own.get(sector % SECTORS, 0) + n
    return counts
