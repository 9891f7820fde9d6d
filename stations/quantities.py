"""What stations measure: the kinds of quantities, their units, and the values that are plausible from the start.

A quantity's kind decides how its readings are summed up. docs/quantities.md has the same table for people.

The limits are wide: whatever weather was ever measured on Earth is within, and so are hot water, a sauna and a stove's
flue, which people measure with the same boards. Values that only a fault explains are outside: -127 degC of a DS18B20
without an answer, -9999 of a logger. Staff set closer ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Limits(NamedTuple):
    """The smallest and the largest plausible value, in the field's unit. None is no limit."""

    smallest: float | None = None
    largest: float | None = None


class Kind(Enum):
    """How readings are summed up over a time."""

    LEVEL = "level"  # the mean over time, the smallest and the largest
    MAXIMUM = "maximum"  # a level whose largest value counts
    DIRECTION = "direction"  # the mean by vectors, and how steady it was
    AMOUNT = "amount"  # the sum: each reading is what came since the one before
    COUNTER = "counter"  # the sum of the differences: each reading is a total that rises

    @property
    def is_averaged(self) -> bool:
        """Tell whether it has a mean, a smallest and a largest value, and can be subtracted from another field's."""
        return self in {Kind.LEVEL, Kind.MAXIMUM}

    @property
    def is_sum(self) -> bool:
        """Tell whether a period's figure is a sum, and not a mean."""
        return self is Kind.AMOUNT or self is Kind.COUNTER  # A set would ask an enumeration for its hash.

    @property
    def belongs_before(self) -> bool:
        """Tell whether a reading stands for the time before it: one at midnight belongs to the day that ends."""
        return self.is_sum


@dataclass(frozen=True)
class Quantity:
    """A quantity with the units in which it is stored, each with its limits. The first unit is the metric one."""

    label: str
    kind: Kind
    limits: Mapping[str, Limits]

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units that a field of this quantity may have; an empty tuple means any."""
        return tuple(self.limits)


# Records are those of the World Meteorological Organization, wmo.asu.edu, unless something else is named.
_TEMPERATURE = {
    "degC": Limits(-100, 350),  # -89.2 at Vostok in 1983; a DS18B20 measures up to 125, a flue has up to 300
    "degF": Limits(-148, 662),
}
_OF_GROUND = {"degC": Limits(-100, 100), "degF": Limits(-148, 212)}
_SPEED = {  # a gust of 113.2 m/s on Barrow Island in 1996
    "m/s": Limits(0, 115),
    "km/h": Limits(0, 414),
    "mph": Limits(0, 257),
    "kn": Limits(0, 224),
}
_SHARE = {"%": Limits(0, 105)}  # Wet air is at 100; a DHT22 or BME280 may then say up to 5 more, by its datasheet.
_PRESSURE = {"hPa": Limits(300, 1100), "inHg": Limits(8.8, 32.5)}  # what a BME280 measures, up to 9,000 m
_LIGHT = {"lx": Limits(0, 200_000)}  # The sun without air gives 134,000; clouds beside it add some.
_DUST = {"ug/m3": Limits(0, 20_000)}  # Dust storms reach several thousand.

QUANTITIES = {
    "temperature": Quantity("temperature", Kind.LEVEL, _TEMPERATURE),
    "humidity": Quantity("relative humidity", Kind.LEVEL, _SHARE),
    "pressure": Quantity("air pressure", Kind.LEVEL, _PRESSURE),
    "dew_point": Quantity("dew point", Kind.LEVEL, _OF_GROUND),
    "wind_speed": Quantity("wind speed", Kind.LEVEL, _SPEED),
    "wind_gust": Quantity("gust", Kind.MAXIMUM, _SPEED),
    "wind_direction": Quantity("wind direction", Kind.DIRECTION, {"deg": Limits(0, 360), "°": Limits(0, 360)}),
    # 1,825 mm fell within a day on Réunion in 1966.
    "rain_amount": Quantity("rain since the reading before", Kind.AMOUNT, {"mm": Limits(0, 1900), "in": Limits(0, 75)}),
    "rain_counter": Quantity("rain counter", Kind.COUNTER, {"mm": Limits(0), "in": Limits(0)}),
    # 38 mm fell within a minute on Guadeloupe in 1970.
    "rain_rate": Quantity("rain rate", Kind.LEVEL, {"mm/h": Limits(0, 2500), "in/h": Limits(0, 100)}),
    # Clouds beside the sun have added up to 1,900: R. Yordanov and others, Energies 14 (2021).
    "solar_radiation": Quantity("solar radiation", Kind.LEVEL, {"W/m2": Limits(0, 2000)}),
    "illuminance": Quantity("illuminance", Kind.LEVEL, _LIGHT),
    "uv_index": Quantity("UV index", Kind.LEVEL, {"": Limits(0, 45)}),  # 43.3 at Licancabur, Bolivia, in 2003
    "soil_moisture": Quantity("soil moisture", Kind.LEVEL, {**_SHARE, "cbar": Limits(0, 240)}),
    "soil_temperature": Quantity("soil temperature", Kind.LEVEL, _OF_GROUND),
    "leaf_wetness": Quantity("leaf wetness", Kind.LEVEL, {**_SHARE, "": Limits(0, 15)}),  # Davis counts to 15.
    "pm25": Quantity("PM2.5", Kind.LEVEL, _DUST),
    "pm10": Quantity("PM10", Kind.LEVEL, _DUST),
    "co2": Quantity("CO2", Kind.LEVEL, {"ppm": Limits(50, 60_000)}),  # A sensor without an answer says 0.
    "lightning_count": Quantity("lightning count", Kind.COUNTER, {"": Limits(0)}),
    # An AS3935 says 63 for “out of range”; it sees 40 km.
    "lightning_distance": Quantity("lightning distance", Kind.LEVEL, {"km": Limits(0, 60), "mi": Limits(0, 37.5)}),
    "battery_voltage": Quantity("battery voltage", Kind.LEVEL, {"V": Limits(0, 60)}),
    # An ESP8266 without WiFi says 31.
    "signal_strength": Quantity("signal strength", Kind.LEVEL, {"dBm": Limits(-150, 0)}),
    "other": Quantity("other", Kind.LEVEL, {}),
}
OTHER, WIND_DIRECTION, WIND_SPEED = "other", "wind_direction", "wind_speed"
CHOICES = [(key, quantity.label) for key, quantity in QUANTITIES.items()]

# Limits of a unit whose quantity is not known.
_OF_UNIT = _TEMPERATURE | _SHARE | _PRESSURE | _SPEED | _LIGHT
# In the order in which they are tried: a name and its unit must both fit. English and German.
_NAMES = (
    ("soil_temperature", r"soil|boden|erde"),
    ("dew_point", r"\bdew|taupunkt"),
    ("temperature", r""),
    ("soil_moisture", r"soil|boden|erde"),
    ("leaf_wetness", r"leaf|blatt"),
    ("humidity", r"humid|\b(?:innen|außen|aussen|raum)?(?:luft)?feucht(?:e|igkeit)\b"),
    ("pressure", r""),
    ("wind_gust", r"gust|böe?n?\b|\bboeen?\b"),
    ("wind_speed", r"wind"),
    ("wind_direction", r"wind|direction|richtung"),
    (
        "rain_counter",
        r"(?=.*(?:rain|precip|regen|niederschlag)).*(?:total|count|today|dai?ly|heute|zähler|gesamt|summe)",
    ),
    ("rain_amount", r"rain|precip|regen|niederschlag"),
    ("rain_rate", r"rain|precip|regen|niederschlag"),
    ("solar_radiation", r"solar|sun|radiation|sonne|strahlung"),
    ("illuminance", r""),
    ("uv_index", r"\buv"),
    ("pm25", r"pm ?2[.,_]?5"),
    ("pm10", r"pm ?10"),
    ("co2", r"co[2₂]|carbon dioxide|kohlen(?:stoff)?dioxid"),
    ("lightning_count", r"lightning|blitz"),
    ("lightning_distance", r"lightning|blitz"),
    ("battery_voltage", r"batter|akku"),
    ("signal_strength", r"signal|rssi|wifi|wlan"),
)
_KINDS = {key: quantity.kind for key, quantity in QUANTITIES.items()}
_USUAL = _KINDS[OTHER]
_PATTERNS = tuple((key, re.compile(pattern)) for key, pattern in _NAMES)


def kind_of(quantity: str) -> Kind:
    """Return how a quantity's readings are summed up, by its key. An unknown one is like `other`."""
    return _KINDS.get(quantity, _USUAL)


def quantity_named(name: str, unit: str) -> str:
    """Return the key of the quantity that a field's name and unit tell, or `other`."""
    folded = name.casefold()
    fitting = (key for key, pattern in _PATTERNS if unit in QUANTITIES[key].limits and pattern.search(folded))
    return next(fitting, OTHER)


def usual_limits(quantity: str, unit: str) -> Limits:
    """Return the limits of a new field, or none if neither its quantity nor its unit is known."""
    return QUANTITIES[quantity].limits.get(unit) or _OF_UNIT.get(unit, Limits())


_WHOLE = frozenset(
    [
        *("humidity", "wind_direction", "solar_radiation", "illuminance", "uv_index", "soil_moisture", "leaf_wetness"),
        *("co2", "lightning_count", "lightning_distance", "signal_strength"),
    ]
)


def usual_decimals(quantity: str, unit: str) -> int:
    """Return how many digits behind the point a field shows that a device's report has added."""
    if quantity in _WHOLE:
        return 0
    return 2 if quantity == "battery_voltage" or unit in ("inHg", "in", "in/h") else 1
