"""Which of a station's fields belong together: by their quantities, and by the places in their names."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from stations.models import Field
from stations.quantities import QUANTITIES
from stations.units import METRIC, displayed

TOGETHER_INTERVALS = 2
# What is left of a name without these words is its place. All words are English and German. They have no “ß”: in a
# casefolded name it is “ss”.
_QUANTITY = re.compile(r"\brel(?:ative[rs]?\b|\.|\b)|humidity|(?:luft)?feucht(?:e|igkeit)|(?:luft)?temperatur(?:e\b)?")
_OUTDOORS = re.compile(r"\bout(?:doors?|side)\b|\baussen|\bdraussen\b")
_INDOORS = re.compile(r"\bin(?:doors?|side)\b|\binnen|\bdrinnen\b|room|raum|zimmer|keller|cellar|basement")
# A pressure at sea level, as gateways, weather services and other programs call it.
_REDUCED = re.compile(r"\bsea\b|\bm?slp?\b|\bqn[he]\b|\bqff\b|barometer|altimeter|\brelativ|\bredu[cz]|meeres|\bnn\b")


class Measured(NamedTuple):
    """A field's newest plausible value, in the metric unit of its quantity."""

    field: Field
    value: float
    at: datetime


class Air(NamedTuple):
    """A temperature, and what was measured of the same air within two reporting intervals. None was not."""

    temperature: Measured
    humidity: Measured | None = None
    wind: Measured | None = None
    pressure: Measured | None = None


def humid_air(fields: Collection[Field], interval_s: int) -> Air | None:
    """Return a humidity with the temperature of its place: outdoors, if both are there.

    “Indoor humidity” belongs to “indoor temperature”, and “Feuchte innen” to “Temperatur innen”. If no name fits, a
    station's only temperature is taken.
    """
    temperatures = _of(fields, "temperature")
    for humidity in sorted(_of(fields, "humidity"), key=_is_indoors):
        temperature = _newest(_of_place(_place(humidity), temperatures))
        if temperature and (found := _with(temperature, humidity, interval_s)):
            return Air(temperature, humidity=found)
    return None


def open_air(fields: Collection[Field], interval_s: int) -> Air | None:
    """Return the air outdoors with wind, pressure, and humidity if that is of the same air.

    A room's temperature says nothing about the wind outside, or about the air between a station and the sea.
    """
    air = humid_air(fields, interval_s)
    if air is None or _is_indoors(air.temperature.field):
        temperatures = [each for each in _of(fields, "temperature") if not _is_indoors(each)]
        temperature = _newest(_of_place("", temperatures))
        air = Air(temperature) if temperature else None
    return air and air._replace(
        wind=_with(air.temperature, next(iter(_of(fields, "wind_speed")), None), interval_s),
        pressure=_with(air.temperature, station_pressure(fields), interval_s),
    )


def station_pressure(fields: Collection[Field]) -> Field | None:
    """Return the first pressure, or None if one of them is at sea level by its name: then nothing is to be reduced."""
    pressures = _of(fields, "pressure")
    return None if any(_is_reduced(field) for field in pressures) else next(iter(pressures), None)


def first_pressure(fields: Collection[Field]) -> Measured | None:
    """Return the newest value of the station's pressure, or of that at sea level: both change alike."""
    return _newest(station_pressure(fields) or next(iter(_of(fields, "pressure")), None))


def sea_level_pressure(fields: Collection[Field]) -> Measured | None:
    """Return the newest value of the first pressure that is at sea level by its name."""
    return _newest(next(filter(_is_reduced, _of(fields, "pressure")), None))


def outdoors(fields: Collection[Field], quantity: str) -> Measured | None:
    """Return the newest value of the first field of a quantity that is not indoors by its name."""
    return _newest(next((each for each in _of(fields, quantity) if not _is_indoors(each)), None))


def _is_reduced(field: Field) -> bool:
    return bool(_REDUCED.search(field.name.casefold()))


def _of(fields: Collection[Field], quantity: str) -> list[Field]:
    units = QUANTITIES[quantity].units
    return [field for field in fields if field.quantity == quantity and field.unit in units]


def _of_place(place: str, temperatures: list[Field]) -> Field | None:
    """Return the first temperature with this place in its name, or the only one. No place means outdoors."""
    named = [each for each in temperatures if _place(each) == place]
    near = [each for each in temperatures if _without_outdoors(_place(each)) == _without_outdoors(place)]
    return next(iter(named or near), temperatures[0] if len(temperatures) == 1 else None)


def _place(field: Field) -> str:
    """Return the place in a field's name: “indoor”, “innen”, or an empty text."""
    return " ".join(_QUANTITY.sub(" ", field.name.casefold()).split())


def _without_outdoors(place: str) -> str:
    return "" if _OUTDOORS.search(place) else place


def _is_indoors(field: Field) -> bool:
    return bool(_INDOORS.search(field.name.casefold()))


def _with(temperature: Measured, field: Field | None, interval_s: int) -> Measured | None:
    found = _newest(field)
    most = timedelta(seconds=TOGETHER_INTERVALS * interval_s)
    return found if found and abs(found.at - temperature.at) <= most else None


def _newest(field: Field | None) -> Measured | None:
    value, at = (field.newest_value, field.newest_at) if field else (None, None)
    if field is None or value is None or at is None or not field.is_plausible(value):
        return None
    return Measured(field, displayed(field.unit, METRIC).convert(value), at)
