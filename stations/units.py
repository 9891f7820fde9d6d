"""Stored units, and the units that a viewer may prefer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import log10
from typing import NamedTuple, Self


@dataclass(frozen=True)
class Unit:
    """The display of a value: `shown = stored * scale + offset`, then the symbol.

    A unit that is much larger than the stored one needs more decimals for the same precision.
    """

    name: str
    symbol: str
    scale: float = 1.0
    offset: float = 0.0
    least_decimals: int = 0
    extra_decimals: int = 0

    def convert(self, value: float) -> float:
        return value * self.scale + self.offset

    def convert_difference(self, difference: float) -> float:
        return difference * self.scale

    @property
    def of_difference(self) -> Unit:
        """Return the display of a difference of two values."""
        return replace(self, offset=0.0)

    def decimals(self, stored: int) -> int:
        """Return the number of decimals that shows as much as `stored` decimals in the stored unit."""
        return max(stored + self.extra_decimals, self.least_decimals)


class Size(NamedTuple):
    """A unit in terms of its dimension's first one, `first = this * scale + offset`, and its least decimals."""

    symbol: str
    scale: float = 1.0
    offset: float = 0.0
    least_decimals: int = 0


# Interchangeable units, by what they measure; metric viewers read the first. Source: NIST SP 811, appendix B.
DIMENSIONS = {
    "temperature": {"degC": Size("°C"), "degF": Size("°F", 1 / 1.8, -32 / 1.8)},
    "pressure": {"hPa": Size("hPa"), "inHg": Size("inHg", 33.86389, least_decimals=2)},
    "wind": {
        "m/s": Size("m/s"),
        "km/h": Size("km/h", 1 / 3.6),
        "mph": Size("mph", 0.44704),
        "kn": Size("kn", 1.852 / 3.6),
    },
    "rain": {"mm": Size("mm"), "in": Size("in", 25.4, least_decimals=2)},
}
_DIMENSION_OF = {unit: dimension for dimension, sizes in DIMENSIONS.items() for unit in sizes}
MMHG_HPA = 1.333224  # conventional millimetres of mercury, source as above: 133.3224 Pa
# Units that files have, and that nobody is shown.
_READ_ONLY = {
    "mmHg": ("pressure", MMHG_HPA),
    "kPa": ("pressure", 10.0),
    "cm": ("rain", 10.0),
}
# Any other text is a unit too and is shown unchanged.
SYMBOLS = {unit: unit for unit in ("%", "hPa", "m/s", "mm", "lx", "V", "ppm", "dBm", "km")} | {
    "degC": "°C",
    "degF": "°F",
    "deg": "°",
    "W/m2": "W/m²",
    "ug/m3": "µg/m³",
}
_AN_HOUR = "/h"  # A rate of rain follows a viewer's choice for rain.
# The admin's suggestions.
SUGGESTED = [*SYMBOLS, *(unit for unit in _DIMENSION_OF if unit not in SYMBOLS)]


# How files and instruments write units, in lower case and without spaces.
_SPELLINGS = {
    **dict.fromkeys(("degc", "°c", "℃", "c", "celsius", "deg.c"), "degC"),
    **dict.fromkeys(("degf", "°f", "℉", "f", "fahrenheit", "deg.f"), "degF"),
    **dict.fromkeys(("hpa", "mbar", "mb"), "hPa"),
    **dict.fromkeys(("km/h", "kmh", "kph", "km/hr"), "km/h"),
    **dict.fromkeys(("m/s", "mps"), "m/s"),
    **dict.fromkeys(("in", "inch", "inches"), "in"),
    **dict.fromkeys(("kn", "kt", "kts", "knots"), "kn"),
    **dict.fromkeys(("deg", "°", "degrees"), "deg"),
    **dict.fromkeys(("w/m2", "w/m²", "w/m^2", "wm-2"), "W/m2"),
    **dict.fromkeys(("lx", "lux"), "lx"),
    **dict.fromkeys(("ug/m3", "µg/m3", "µg/m³", "μg/m³", "ug/m³"), "ug/m3"),
    **dict.fromkeys(("in/h", "in/hr", "inch/h"), "in/h"),
    **dict.fromkeys(("mm/h", "mm/hr"), "mm/h"),
    **{name.lower(): name for name in ("inHg", "mph", "mm", "%", "V", "ppm", "dBm", *_READ_ONLY)},
}


def unit_named(text: str) -> str | None:
    """Return the unit that a text such as “℃” or “in Hg” means, or None if it means none that is known here."""
    return _SPELLINGS.get("".join(text.split()).lower())


class Conversion(NamedTuple):
    """`converted = value * scale + offset`."""

    scale: float
    offset: float

    def apply(self, value: float) -> float:
        """Convert a value. Its last digits are rounded away: 68 degF are 20 degC, not 20.000000000000004."""
        return round(value * self.scale + self.offset, 6)


def conversion(unit: str, to: str) -> Conversion | None:
    """Return how a value in one unit becomes one in another, or None if they do not measure the same."""
    if unit.endswith(_AN_HOUR) and to.endswith(_AN_HOUR) and to.removesuffix(_AN_HOUR) in DIMENSIONS["rain"]:
        return conversion(unit.removesuffix(_AN_HOUR), to.removesuffix(_AN_HOUR))
    dimension, scale = _READ_ONLY.get(unit, (_DIMENSION_OF.get(unit), 0.0))
    if dimension is None or _DIMENSION_OF.get(to) != dimension:
        return None
    given, wanted = DIMENSIONS[dimension].get(unit) or Size(unit, scale), DIMENSIONS[dimension][to]
    return Conversion(given.scale / wanted.scale, (given.offset - wanted.offset) / wanted.scale)


class Units(NamedTuple):
    """A viewer's choice: the unit of each of DIMENSIONS."""

    temperature: str
    pressure: str
    wind: str
    rain: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the choice in a text: “us”, “metric”, or units like “degF:km/h”, with the others metric.

        None if it makes no choice; unknown units are ignored.
        """
        if text in SYSTEMS:
            return cls(*SYSTEMS[text])
        chosen = {_DIMENSION_OF[unit]: unit for unit in text.split(":") if unit in _DIMENSION_OF}
        return cls(*METRIC._replace(**chosen)) if chosen else None

    def __str__(self) -> str:
        return ":".join(self)


METRIC = Units(*(next(iter(sizes)) for sizes in DIMENSIONS.values()))
SYSTEMS = {"metric": METRIC, "us": Units("degF", "inHg", "mph", "in")}


@lru_cache(maxsize=256)
def displayed(unit: str, units: Units | None = None) -> Unit:
    """Return the display of a field's stored unit for a viewer; without a choice it stays as stored."""
    if unit.endswith(_AN_HOUR) and (of := unit.removesuffix(_AN_HOUR)) in DIMENSIONS["rain"]:
        whole = displayed(of, units)
        return replace(whole, name=whole.name + _AN_HOUR, symbol=whole.symbol + _AN_HOUR)
    dimension = _DIMENSION_OF.get(unit)
    if dimension is None or units is None or getattr(units, dimension) == unit:
        return Unit(unit, SYMBOLS.get(unit, unit))
    name = getattr(units, dimension)
    stored, shown = DIMENSIONS[dimension][unit], DIMENSIONS[dimension][name]
    scale, offset = stored.scale / shown.scale, (stored.offset - shown.offset) / shown.scale
    return Unit(name, shown.symbol, scale, offset, shown.least_decimals, int(-log10(scale)))
