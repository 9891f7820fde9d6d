"""What a station's newest values tell together: derived figures, each within its range."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from readings.derived import felt, vapour
from readings.derived.pairing import Air, Measured, first_pressure, humid_air, open_air
from readings.derived.sea_level import sea_level_pressure_hpa
from readings.derived.tendency import Characteristic, characteristic
from readings.history.trend import Trend
from stations.models import Field, Station
from stations.units import METRIC, displayed


@dataclass(frozen=True)
class Tendency:
    """The change of air pressure in three hours, and how it went."""

    change_hpa: float
    characteristic: Characteristic


@dataclass(frozen=True)
class Derived:
    """Derived figures; None where a value is missing, or outside the range of the formula.

    `fields` are those that they were made of, and `at` is the oldest moment of their values.
    """

    fields: list[Field]
    at: datetime
    dew_point_c: float | None = None
    heat_index_c: float | None = None
    humidex: float | None = None
    wind_chill_c: float | None = None
    apparent_temperature_c: float | None = None
    absolute_humidity_g_m3: float | None = None
    vapour_pressure_deficit_kpa: float | None = None
    sea_level_pressure_hpa: float | None = None
    pressure_tendency: Tendency | None = None

    @property
    def numbers(self) -> list[int]:
        return [field.number for field in self.fields]


Told = tuple[str, Any, tuple[Measured | None, ...]]

_OF_HUMIDITY = {
    "dew_point_c": vapour.dew_point_c,
    "heat_index_c": felt.heat_index_c,
    "humidex": felt.humidex,
    "absolute_humidity_g_m3": vapour.absolute_humidity_g_m3,
    "vapour_pressure_deficit_kpa": vapour.vapour_pressure_deficit_kpa,
}


def derived(station: Station, fields: Collection[Field], trends: Mapping[int, Trend]) -> Derived | None:
    """Return what a station's newest plausible values tell together, or None if that is nothing.

    `trends` are those of its fields, by number: the pressure's has its tendency.
    """
    humid, outside = humid_air(fields, station.interval_s), open_air(fields, station.interval_s)
    told = [
        *(_of_humidity(humid) if humid else ()),
        *(_of_wind(outside) if outside else ()),
        *(_of_height(outside, station.elevation_m) if outside else ()),
        *_of_time(fields, trends),
    ]
    figures = {name: figure for name, figure, _ in told if figure is not None}
    sources = {each.field.number: each for _, figure, of in told for each in of if each and figure is not None}
    if not figures:
        return None
    return Derived([each.field for each in sources.values()], min(each.at for each in sources.values()), **figures)


def _of_humidity(air: Air) -> Iterator[Told]:
    if air.humidity:
        for name, formula in _OF_HUMIDITY.items():
            yield name, formula(air.temperature.value, air.humidity.value), (air.temperature, air.humidity)


def _of_wind(air: Air) -> Iterator[Told]:
    if air.wind is None:
        return
    temperature_c, wind_m_s = air.temperature.value, air.wind.value
    yield "wind_chill_c", felt.wind_chill_c(temperature_c, wind_m_s * 3.6), (air.temperature, air.wind)
    if air.humidity:
        felt_c = felt.apparent_temperature_c(temperature_c, air.humidity.value, wind_m_s)
        yield "apparent_temperature_c", felt_c, (air.temperature, air.humidity, air.wind)


def _of_height(air: Air, elevation_m: float | None) -> Iterator[Told]:
    if air.pressure and elevation_m is not None:
        humidity = air.humidity and air.humidity.value
        found = sea_level_pressure_hpa(air.pressure.value, elevation_m, air.temperature.value, humidity)
        yield "sea_level_pressure_hpa", found, (air.pressure, air.temperature, air.humidity)


def _of_time(fields: Collection[Field], trends: Mapping[int, Trend]) -> Iterator[Told]:
    pressure = first_pressure(fields)
    trend = trends.get(pressure.field.number) if pressure else None
    if pressure is None or trend is None or not trend.hourly:
        return
    change_hpa = displayed(pressure.field.unit, METRIC).convert_difference(trend.difference)
    yield "pressure_tendency", Tendency(change_hpa, characteristic(trend.hourly, trend.least)), (pressure,)
