"""Dew point and heat index, computed from a temperature and a humidity that belong together."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log, sqrt

from stations.models import Field, Station
from stations.units import SYSTEMS, displayed

# Magnus's formula over water, from -45 to 60 degC: D. Sonntag, “Important new values of the physical constants of 1986,
# vapour pressure formulations based on the ITS-90, and psychrometer formulae”, Z. Meteorol. 40 (1990), 340-344. It is
# also in WMO-No. 8, Guide to Instruments and Methods of Observation (annex 4.B).
_MAGNUS, _MAGNUS_C = 17.62, 243.12
_MAGNUS_FROM_C, _MAGNUS_TO_C = -45.0, 60.0
# In English and German. “Bodenfeuchte” is soil moisture; “Holzfeuchte” and “Blattfeuchte” are not air humidity either.
_HUMIDITY = re.compile(r"humid|\b(?:innen|außen|aussen|raum)?(?:luft)?feucht(?:e|igkeit)\b")
_OF_SOIL = re.compile(r"soil|boden|erde")
_QUANTITY = re.compile(r"\brel(?:ative[rs]?\b|\.|\b)|humidity|(?:luft)?feucht(?:e|igkeit)|(?:luft)?temperatur(?:e\b)?")
# The lowest temperature in the National Weather Service's chart of the heat index.
HOT_F = 80.0
TOGETHER_INTERVALS = 2


@dataclass(frozen=True)
class Derived:
    """Dew point and heat index in degC, at the older of the two moments; None outside the formula's range."""

    temperature: Field
    at: datetime
    dew_point_c: float | None
    heat_index_c: float | None


def dew_point_c(temperature_c: float, humidity: float) -> float | None:
    """Return the dew point over water in degC, from a relative humidity in percent.

    Return None outside the formula's range, and for a humidity of zero. A value above 100 % counts as 100 %.
    """
    share = min(humidity, 100) / 100
    if not (_MAGNUS_FROM_C <= temperature_c <= _MAGNUS_TO_C and share > 0):
        return None
    exponent = log(share) + _MAGNUS * temperature_c / (_MAGNUS_C + temperature_c)
    return _MAGNUS_C * exponent / (_MAGNUS - exponent)


def heat_index_f(temperature_f: float, humidity: float) -> float:
    """Return how hot it feels in the shade, in degF, from air temperature in degF and relative humidity in percent.

    L. P. Rothfusz, “The heat index equation”, NWS Technical Attachment SR 90-23 (1990), with the adjustments and, below
    80 degF, the simple formula, both as the Weather Prediction Center computes it
    (www.wpc.ncep.noaa.gov/html/heatindex_equation.shtml). Its error is 1.3 degF.
    """
    t, rh = temperature_f, humidity
    simple = (t + 0.5 * (t + 61 + (t - 68) * 1.2 + rh * 0.094)) / 2
    if simple < HOT_F:
        return simple
    regression = (
        *(-42.379, 2.04901523 * t, 10.14333127 * rh, -0.22475541 * t * rh, -0.00683783 * t * t),
        *(-0.05481717 * rh * rh, 0.00122874 * t * t * rh, 0.00085282 * t * rh * rh, -0.00000199 * t * t * rh * rh),
    )
    return sum(regression) + _adjustment(t, rh)


def _adjustment(t: float, rh: float) -> float:
    if rh < 13 and HOT_F <= t <= 112:
        return -(13 - rh) / 4 * sqrt((17 - abs(t - 95)) / 17)
    if rh > 85 and HOT_F <= t <= 87:
        return (rh - 85) / 10 * (87 - t) / 5
    return 0.0


def derived(station: Station, fields: Collection[Field]) -> Derived | None:
    """Return the dew point and heat index from a station's newest air temperature and humidity, if measured together.

    “Together” means within two reporting intervals. Values outside their plausible limits are ignored.
    """
    pair = air(fields)
    if pair is None:
        return None
    (temperature, t, t_at), (_, humidity, humidity_at) = pair
    if abs(t_at - humidity_at) > timedelta(seconds=TOGETHER_INTERVALS * station.interval_s):
        return None
    t_c, t_f = (displayed(temperature.unit, units).convert(t) for units in (SYSTEMS["metric"], SYSTEMS["us"]))
    is_hot = t_f >= HOT_F and t_c <= _MAGNUS_TO_C and humidity >= 0
    heat_c = (heat_index_f(t_f, min(humidity, 100)) - 32) / 1.8 if is_hot else None
    dew_c = dew_point_c(t_c, humidity)
    return Derived(temperature, min(t_at, humidity_at), dew_c, heat_c) if (dew_c, heat_c) != (None, None) else None


Measured = tuple[Field, float, datetime]


def air(fields: Collection[Field]) -> tuple[Measured, Measured] | None:
    """Return the first air humidity with its temperature, and their newest plausible values.

    “Indoor humidity” belongs to “indoor temperature”, and “Feuchte innen” to “Temperatur innen”. If no name fits, a
    station's only temperature is taken as the air's.
    """
    temperatures = [field for field in fields if is_temperature(field)]
    for humidity in (field for field in fields if field.unit == "%" and _is_humidity(field.name.casefold())):
        place = _place(humidity)
        named = [field for field in temperatures if _place(field) == place]
        found = named or (temperatures if len(temperatures) == 1 else [])
        pair = [each for field in (*found[:1], humidity) if (each := _newest(field))]
        if found and len(pair) == 2:
            return pair[0], pair[1]
    return None


def is_temperature(field: Field) -> bool:
    return field.unit in {"degC", "degF"}


def _is_humidity(name: str) -> bool:
    return bool(_HUMIDITY.search(name)) and not _OF_SOIL.search(name)


def _place(field: Field) -> str:
    """Return the place in a field's name: “indoor”, “innen”, or an empty text."""
    return " ".join(_QUANTITY.sub(" ", field.name.casefold()).split())


def _newest(field: Field) -> Measured | None:
    value, at = field.newest_value, field.newest_at
    return None if value is None or at is None or not field.is_plausible(value) else (field, value, at)
