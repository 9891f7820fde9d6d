"""Wind directions: the one that prevails, by the quarters of an hour of each month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from freetemp.fields import from_millis
from freetemp.sql import execute
from readings.almanac.days import local_day
from readings.almanac.months import ByMonth, Months
from readings.history.directions import Wind, vectors_of
from readings.history.wind_rose import WIDTH_DEG, by_sector
from readings.models.direction import WeightedVectors, speed_beside
from stations.models import Field


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
    cells: ClassVar[str] = "almanac/_direction_cells.html"
    columns: ClassVar[int] = 2  # of cells
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
    counts = by_sector(field, speed, months.edges_ms)
    vectors = vectors_of(field, [from_millis(edge) for edge in months.edges_ms])
    found = {index: _prevailing(counts.get(index, {}), each) for index, each in vectors.items()}
    since = local_day(first_ms, zone)
    return DirectionAlmanac(
        field,
        since,
        speed is not None,
        months.since(since, found.get),
        _whole(counts.values(), vectors.values()),
    )


def _whole(counts: Iterable[Mapping[int, int]], vectors: Collection[WeightedVectors]) -> Prevailing | None:
    """Return what prevailed in all months together."""
    together: Counter[int] = Counter()
    for each in counts:
        together.update(each)
    return _prevailing(together, reduce(WeightedVectors.plus, vectors)) if vectors else None


def _prevailing(counts: Mapping[int, int], vectors: WeightedVectors) -> Prevailing:
    mean, quarters = Wind.of(vectors), sum(counts.values())
    if not quarters:
        return Prevailing(0, None, None, mean)
    sector, most = max(sorted(counts.items()), key=lambda each: each[1])
    return Prevailing(quarters, sector * WIDTH_DEG, most / quarters, mean)
