"""What is odd for each quantity, in the unit of a field.

The steps and the ranges are those for suspicious values of one minute in: I. Zahumenský, Guidelines on Quality Control
Procedures for Data from Automatic Weather Stations, World Meteorological Organization, CBS/OPAG-IOS/ET AWS-3/Doc. 4(1),
Geneva 2004. What it does not have is named.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from stations.quantities import QUANTITIES
from stations.units import conversion


class Odd(NamedTuple):
    """When a value is odd. None: nothing is, since weather, soil and people do all of it."""

    step: float | None = None  # a larger one, and back, within a minute
    low: float = -inf
    high: float = inf
    repeats: tuple[float, float] | None = None  # A value between these never stays for hours.
    apart: float | None = None  # The least change against neighbours, as a mean of a day. Of our own measuring.


# No repeats: rain, soil, calm wind, light and dust near nothing. No steps: light, which clouds turn off and on.
_ODD = {
    "temperature": Odd(3, -80, 60, (-inf, inf), 2),
    "dew_point": Odd(4, -80, 35, (-inf, inf), 2),  # the limit for errors: it has the steps of two sensors
    "humidity": Odd(10, repeats=(1, 98), apart=8),  # A DHT22 may say 105 % in fog, and 1 % is its least.
    "pressure": Odd(0.5, 500, 1100, (-inf, inf), 1.5),
    "wind_speed": Odd(10, 0, 75, (0.5, inf)),
    "wind_gust": Odd(None, 0, 150, (0.5, inf)),
    "solar_radiation": Odd(None, 0, 1600, (20, inf)),
    "soil_temperature": Odd(1, -50, 50),  # the limit for errors: watering is no fault
    "co2": Odd(repeats=(450, inf)),  # Sensors that calibrate themselves stay at 400.
    "pm25": Odd(repeats=(2, inf)),
    "pm10": Odd(repeats=(2, inf)),
}


def odd(quantity: str, unit: str) -> Odd:
    """Return what is odd for a quantity, in a unit."""
    of = _ODD.get(quantity, Odd())
    metric = next(iter(QUANTITIES[quantity].units), "") if quantity in QUANTITIES else ""
    if not metric or unit == metric:
        return of
    to = conversion(metric, unit)
    if to is None:
        return Odd()
    return Odd(
        None if of.step is None else of.step * to.scale,
        of.low * to.scale + to.offset,
        of.high * to.scale + to.offset,
        of.repeats and (of.repeats[0] * to.scale + to.offset, of.repeats[1] * to.scale + to.offset),
        None if of.apart is None else of.apart * to.scale,
    )


def in_unit(celsius: float, unit: str) -> float | None:
    """Return a temperature in a field's unit, or None if that is no unit of temperature."""
    to = conversion("degC", unit)
    return to.apply(celsius) if to else None
