"""A station's almanac, field by field, each by the kind of its quantity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from readings.almanac.gusts import GustAlmanac, gust_almanac
from readings.almanac.kept_levels import level_almanacs
from readings.almanac.levels import LevelAlmanac
from readings.almanac.months import months_of
from readings.almanac.prevailing import DirectionAlmanac, direction_almanac
from readings.almanac.sums import SumAlmanac, sum_almanac
from readings.calendar.days import running_day
from readings.calendar.navigation import DEFAULT_BASE_C
from readings.calendar.periods import Period
from stations.models import Field, Station
from stations.quantities import Kind

Almanac = LevelAlmanac | SumAlmanac | GustAlmanac | DirectionAlmanac


def almanac_of(
    station: Station, fields: Sequence[Field], period: Period, now: datetime, base_c: float = DEFAULT_BASE_C
) -> list[Almanac]:
    """Return the almanac of each field that has readings, with the months of the shown year or the last twelve."""
    zone, running = station.zone, running_day(station.zone, now)
    months = months_of(period, now.astimezone(zone).date(), zone)
    found: dict[int, Almanac | None] = {}
    for field in fields:
        if field.kind.is_sum:
            found[field.number] = sum_almanac(field, months, running, zone)
        elif field.kind is Kind.MAXIMUM:
            found[field.number] = gust_almanac(field, months, zone)
        elif field.kind is Kind.DIRECTION:
            found[field.number] = direction_almanac(field, fields, months, zone)
    levels = [field for field in fields if field.kind is Kind.LEVEL]
    found |= {each.field.number: each for each in level_almanacs(station, levels, months, running, base_c)}
    return [each for field in fields if (each := found.get(field.number))]
