"""The limits that a new field has from the start: outside them a value is a fault of its sensor, or of its number.

They are wide: whatever weather was ever measured on Earth is within, and so are hot water, a sauna and a stove's flue,
which people measure with the same boards. Values that only a fault explains are outside: -127 degC of a DS18B20 without
an answer, -9999 of a logger. Staff set closer ones.
"""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """The smallest and the largest plausible value, in the field's unit. None is no limit."""

    smallest: float | None = None
    largest: float | None = None


# Records are those of the World Meteorological Organization, wmo.asu.edu.
_OF_UNIT = {
    "degC": Limits(-100, 350),  # -89.2 at Vostok in 1983; a DS18B20 measures up to 125, a flue has up to 300
    "degF": Limits(-148, 662),  # the same
    "%": Limits(0, 105),  # Wet air is at 100; a DHT22 or BME280 may then say up to 5 more, by its datasheet's accuracy.
    "hPa": Limits(300, 1100),  # at the station: what a BMP280 and a BME280 measure, up to 9,000 m
    "inHg": Limits(8.8, 32.5),  # the same
    "m/s": Limits(0, 115),  # a gust of 113.2 on Barrow Island in 1996
    "km/h": Limits(0, 414),  # the same
    "mph": Limits(0, 257),  # the same
    "lx": Limits(0, 200_000),  # The sun without air gives 134,000; clouds beside it add some.
}
# Other things are measured in mm too, so these need the name. 1,825 fell within a day on Réunion in 1966.
_RAIN = {"mm": Limits(0, 1900), "in": Limits(0, 75)}


def usual_limits(name: str, unit: str) -> Limits:
    """Return the limits of a new field, or none if the quantity is not known."""
    if unit in _RAIN and ("rain" in name.casefold() or "precipitation" in name.casefold()):
        return _RAIN[unit]
    return _OF_UNIT.get(unit, Limits())
