"""Rollups of directions: sums of vectors, because the mean of 350 and 10 degrees is not 180.

A direction is a unit vector that points to where the wind comes from. A quarter of an hour has the sum of those of its
readings. A longer time has the mean vectors of its quarters, each weighted by the quarter's mean wind speed, where the
station measures it. The formulas are those of the resultant wind in EPA-454/R-99-005, Meteorological Monitoring
Guidance for Regulatory Modeling Applications (2000), section 6.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import atan2, cos, degrees, hypot, radians, sin
from operator import attrgetter
from typing import ClassVar, NamedTuple, Self

from django.db import models

from readings.models.rollup import Rollup, RollupQuerySet
from stations.models import Field
from stations.quantities import WIND_SPEED


class Vectors(NamedTuple):
    """The number of some directions, and the sums of their sines, to the east, and of their cosines, to the north."""

    n: int
    east: float
    north: float

    @classmethod
    def of(cls, directions_deg: Sequence[float]) -> Self:
        angles = [radians(each) for each in directions_deg]
        return cls(len(angles), sum(map(sin, angles)), sum(map(cos, angles)))


class WeightedVectors(NamedTuple):
    """The vectors of some quarters of an hour: the sum of their means, alike and weighted by wind speed.

    `n` quarters have a direction, and `n_with_speed` of them a speed too. `speed` is the sum of their mean speeds.
    """

    n: int
    east: float
    north: float
    n_with_speed: int
    speed: float
    speed_east: float
    speed_north: float

    def plus(self, other: WeightedVectors) -> WeightedVectors:
        return WeightedVectors(*(one + another for one, another in zip(self, other, strict=True)))  # type: ignore[arg-type]

    @property
    def mean(self) -> tuple[float, float] | None:
        """Return the mean direction in degrees, 0 to 360, and its steadiness, 0 to 1; None in a calm.

        The steadiness is the length of the mean vector: 1 if the direction was always the same.
        """
        if self.n_with_speed:
            return mean_of(self.speed_east, self.speed_north, self.speed)
        return mean_of(self.east, self.north, self.n)


def mean_of(east: float, north: float, weight: float) -> tuple[float, float] | None:
    """Return the direction in degrees of a sum of vectors, and its length as a share of `weight`."""
    length = hypot(east, north)
    if weight <= 0 or length < 1e-9 * weight:  # A calm, or as much from one side as from the other.
        return None
    return degrees(atan2(east, north)) % 360, min(length / weight, 1.0)


SPEED = '(s."sum" / s.count)'
# SQL for WeightedVectors of many quarters.
WEIGHTED = (
    "count(*), sum(d.east / d.count), sum(d.north / d.count), count(s.start),"
    f" coalesce(sum({SPEED}), 0), coalesce(sum(d.east / d.count * {SPEED}), 0),"
    f" coalesce(sum(d.north / d.count * {SPEED}), 0)"
)


def speed_beside(fields: Iterable[Field]) -> Field | None:
    """Return the wind speed that belongs to a station's directions: the one among its fields that was added first."""
    return min((field for field in fields if field.quantity == WIND_SPEED), key=attrgetter("pk"), default=None)


def with_speed(station: int) -> str:
    """Return SQL for the quarters of a station's directions as `d`, each with that of speed_beside() as `s`.

    The database looks the speed up once, because it depends on no row.
    """
    speed = (
        f"SELECT number FROM stations_field WHERE station_id = {station:d} AND quantity = '{WIND_SPEED}'"  # noqa: S608 - our names
        " ORDER BY id LIMIT 1"
    )
    return (
        "readings_directionquarter AS d LEFT JOIN readings_quarter AS s"
        f" ON s.station_id = d.station_id AND s.start = d.start AND s.field = ({speed})"
    )


class DirectionQuarterQuerySet(RollupQuerySet["DirectionQuarter"]):
    columns: ClassVar[Sequence[str]] = ("count", "east", "north")
    totals_are = Vectors


class DirectionQuarter(Rollup):
    """The directions of a quarter of an hour of UTC."""

    count = models.PositiveIntegerField()
    east = models.FloatField()
    north = models.FloatField()

    objects = DirectionQuarterQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} field {self.field}, directions from {self.start}: {self.count}"


class DirectionDayQuerySet(RollupQuerySet["DirectionDay"]):
    columns: ClassVar[Sequence[str]] = (
        *("count", "east", "north"),
        *("count_with_speed", "speed", "speed_east", "speed_north"),
    )
    totals_are = WeightedVectors


class DirectionDay(Rollup):
    """The directions of a local day, by its quarters of an hour."""

    count = models.PositiveIntegerField(help_text="Quarters of an hour with a direction.")
    east = models.FloatField()
    north = models.FloatField()
    count_with_speed = models.PositiveIntegerField(help_text="Those that have a wind speed too.")
    speed = models.FloatField()
    speed_east = models.FloatField()
    speed_north = models.FloatField()

    objects = DirectionDayQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} field {self.field}, directions of the day from {self.start}: {self.count}"
