"""What each quantity is called, in base units.

By Prometheus' own rules (prometheus.io/docs/practices/naming): base units in the plural at the end, ratios from 0 to 1
instead of percent, `_total` behind what only rises.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from stations.quantities import OTHER, QUANTITIES
from stations.units import conversion

_MM, _AN_HOUR_S = 1e-3, 3600


class Metric(NamedTuple):
    """A metric, and how a value in a field's unit becomes one of it: `value * scale + offset`.

    `unit` is the field's, where the metric's name cannot say it.
    """

    name: str
    about: str
    is_counter: bool
    scale: float
    offset: float
    unit: str | None = None

    def text_of(self, value: float) -> str:
        """Return a value as text, without the noise of the conversion in its last digits."""
        return f"{value * self.scale + self.offset:.12g}"


class _Base(NamedTuple):
    """The end of a name, and how many of its unit one of the field's units is."""

    ending: str
    scale: float = 1.0


# By the quantity and its stored units; others of the same dimension are converted to the first one there is.
_SHARE = {"%": _Base("_ratio", 0.01)}
_CELSIUS, _SPEED = {"degC": _Base("_celsius")}, {"m/s": _Base("_meters_per_second")}
_DUST = {"ug/m3": _Base("_grams_per_cubic_meter", 1e-6)}
_DEGREES = _Base("_degrees")
_BASES = {
    "temperature": _CELSIUS,
    "humidity": _SHARE,
    "pressure": {"hPa": _Base("_pascals", 100)},
    "dew_point": _CELSIUS,
    "wind_speed": _SPEED,
    "wind_gust": _SPEED,
    "wind_direction": {"deg": _DEGREES, "°": _DEGREES},
    "rain_amount": {"mm": _Base("_meters", _MM)},
    "rain_counter": {"mm": _Base("_meters_total", _MM)},
    "rain_rate": {"mm/h": _Base("_meters_per_second", _MM / _AN_HOUR_S)},
    "solar_radiation": {"W/m2": _Base("_watts_per_square_meter")},
    "illuminance": {"lx": _Base("_lux")},
    "uv_index": {"": _Base("")},
    "soil_moisture": {**_SHARE, "cbar": _Base("_tension_pascals", 1000)},
    "soil_temperature": _CELSIUS,
    "leaf_wetness": {**_SHARE, "": _Base("_level")},
    "pm25": _DUST,
    "pm10": _DUST,
    "co2": {"ppm": _Base("_ratio", 1e-6)},
    "lightning_count": {"": _Base("_total")},
    "lightning_distance": {"km": _Base("_meters", 1000), "mi": _Base("_meters", 1609.344)},
    "battery_voltage": {"V": _Base("_volts")},
    "signal_strength": {"dBm": _Base("_dbm")},
}
_CALLED = {"rain_counter": "rain", "lightning_count": "lightning_strikes"}


@cache
def metric_of(quantity: str, unit: str) -> Metric:
    """Return the metric of a field's quantity and unit. That of any other quantity has the unit as a label."""
    bases = _BASES.get(quantity, {})
    for stored, base in bases.items():
        found = (1.0, 0.0) if stored == unit else conversion(unit, stored)
        if found is not None:
            scale, offset = found
            name = f"freetemp_{_CALLED.get(quantity, quantity)}{base.ending}"
            about = QUANTITIES[quantity].label
            return Metric(name, about, name.endswith("_total"), scale * base.scale, offset * base.scale)
    return Metric("freetemp_other", QUANTITIES[OTHER].label, False, 1.0, 0.0, unit)
