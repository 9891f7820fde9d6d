"""What a station measured up to a moment, from the readings that count: the newest moment, or a missed one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy

from freetemp.fields import from_millis, to_millis
from readings.calendar.days import day_of
from readings.calendar.span import DAY_MS, HOUR_MS, Span, quarter_start_ms
from readings.derived.figures import derived
from readings.derived.pairing import open_air, outdoors, sea_level_pressure
from readings.models import Quarter, Reading
from readings.rollups.from_raw import last_before, quarters
from readings.rollups.locks import FieldState
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.models.status import LATE_AFTER
from stations.units import METRIC, displayed
from uploads.networks.base import Observation

_FIGURES = {
    "gust_m_s": "wind_gust",
    "wind_direction": "wind_direction",
    "rain_rate_mm_h": "rain_rate",
    "radiation_w_m2": "solar_radiation",
    "uv_index": "uv_index",
    "illuminance_lx": "illuminance",
    "soil_temperature_c": "soil_temperature",
    "soil_moisture": "soil_moisture",
    "leaf_wetness": "leaf_wetness",
    "pm25": "pm25",
    "pm10": "pm10",
    "co2_ppm": "co2",
}
# Networks want percents; a tension, or the 15 steps of a Davis, is something else.
_ONLY_IN_PERCENT = {"soil_moisture", "leaf_wetness"}
_RAIN = ("rain_counter", "rain_amount")


def newest_ms(station: Station) -> int | None:
    """Return the moment of a station's newest value in Unix milliseconds."""
    newest = newest_at(station.fields.all())
    return None if newest is None else to_millis(newest)


def moment_after(station: Station, after_ms: int, until_ms: int) -> int | None:
    """Return the moment of the last reading of a span after a moment, or of the first one after it.

    What a station did not measure is skipped: the next moment is that at which it went on.
    """
    readings = Reading.objects.filter(station=station)
    found = readings.filter(measured_at__gt=after_ms, measured_at__lte=until_ms).order_by("-measured_at")
    numbers = [field.number for field in station.fields.all() if field.newest_at]
    last = [each for number in numbers for each in found.filter(field=number).values_list("measured_at", flat=True)[:1]]
    if last:
        return to_millis(max(last))
    later = readings.filter(measured_at__gt=until_ms).order_by("measured_at")
    first = [each for n in numbers for each in later.filter(field=n).values_list("measured_at", flat=True)[:1]]
    return to_millis(min(first)) if first else None


def observed(station: Station, at_ms: int) -> Observation:
    """Return what was measured up to a moment. A value is as old as three of the station's intervals at most."""
    fields = list(_as_of(station, at_ms))
    figures: dict[str, float | None] = {}
    if air := open_air(fields, station.interval_s):
        figures["temperature_c"] = air.temperature.value
        figures["humidity"] = air.humidity.value if air.humidity else None
    figures.setdefault("humidity", _value(fields, "humidity"))
    figures["wind_m_s"] = _value(fields, "wind_speed")
    for figure, quantity in _FIGURES.items():
        figures[figure] = _value(fields, quantity)
    told, at_sea = derived(station, fields, {}), sea_level_pressure(fields)
    is_outdoors = air is not None and air.humidity is not None
    figures["dew_point_c"] = _value(fields, "dew_point")
    if figures["dew_point_c"] is None and told and is_outdoors:
        figures["dew_point_c"] = told.dew_point_c
    figures["pressure_hpa"] = at_sea.value if at_sea else told.sea_level_pressure_hpa if told else None
    return Observation(at_ms, **figures, **_rain(station, fields, at_ms))


def _as_of(station: Station, at_ms: int) -> Iterator[Field]:
    """Yield a station's fields with the value that each had last at a moment, if it was not too old."""
    oldest_ms = at_ms - LATE_AFTER * station.interval_s * 1000
    for field in station.fields.all():
        found = last_before(_state(field), at_ms + 1)
        field = copy(field)
        field.newest_at, field.newest_value = None, None
        if found and found[0] >= oldest_ms:
            field.newest_at, field.newest_value = from_millis(found[0]), found[1]
        field.station = station
        yield field


def _state(field: Field) -> FieldState:
    limits = (field.smallest, field.largest, field.unit, field.quantity, field.rolls_over_at, field.is_treated)
    return FieldState(field.pk, field.station_id, field.number, 0, None, 0, *limits)


def _value(fields: Sequence[Field], quantity: str) -> float | None:
    found = outdoors(fields, quantity)
    if found is None or (quantity in _ONLY_IN_PERCENT and found.field.unit != "%"):
        return None
    return found.value


def _rain(station: Station, fields: Sequence[Field], at_ms: int) -> dict[str, float]:
    """Return the rain up to a moment in mm, by the first gauge that has told something lately; nothing without one."""
    gauges = [field for quantity in _RAIN for field in fields if field.quantity == quantity and field.newest_at]
    if not gauges:
        return {}
    gauge = gauges[0]
    midnight_ms = day_of(station.zone, at_ms - 1).start_ms  # A reading at midnight is of the day that ends.
    starts = {"rain_hour_mm": at_ms - HOUR_MS, "rain_24h_mm": at_ms - DAY_MS, "rain_day_mm": midnight_ms}
    metric = displayed(gauge.unit, METRIC)
    return {name: metric.convert_difference(fallen(gauge, start, at_ms)) for name, start in starts.items()}


def fallen(gauge: Field, after_ms: int, until_ms: int) -> float:
    """Return what came after a moment until another one, in the gauge's unit.

    The quarters of an hour between them are summed up already. The rest is read.
    """
    state = _state(gauge)
    first_ms, last_ms = -quarter_start_ms(-after_ms), quarter_start_ms(until_ms)
    if first_ms >= last_ms:
        return _read(state, after_ms, until_ms)
    whole = Quarter.objects.in_spans([(gauge.station_id, gauge.number, Span(first_ms, last_ms))])
    between: float = sum(total.sum for _, total in whole)
    return _read(state, after_ms, first_ms) + between + _read(state, last_ms, until_ms)


def _read(state: FieldState, after_ms: int, until_ms: int) -> float:
    span = Span(after_ms, until_ms)
    return sum(total.sum for total in quarters(state, span).values()) if after_ms < until_ms else 0.0
