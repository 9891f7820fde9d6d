"""Units as they are stored and as a viewer may prefer them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """How a value is shown: `shown = stored * scale + offset`, then the symbol.

    A unit that is much larger than the stored one needs more decimals to say as much.
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

    def decimals(self, stored: int) -> int:
        """Return how many decimals show what so many showed in the stored unit."""
        return max(stored + self.extra_decimals, self.least_decimals)


# What the admin suggests; any other text is a unit too and is shown as it is.
SYMBOLS = {"degC": "°C", "degF": "°F", "%": "%", "hPa": "hPa", "m/s": "m/s", "mm": "mm", "lx": "lx", "V": "V"}

# Stored unit to what somebody used to US customary units reads. Sources: NIST SP 811, appendix B.8 and B.9.
_US = {
    "degC": Unit("degF", "°F", 1.8, 32.0),
    "hPa": Unit("inHg", "inHg", 1 / 33.86389, least_decimals=2, extra_decimals=1),
    "m/s": Unit("mph", "mph", 1 / 0.44704),
    "mm": Unit("in", "in", 1 / 25.4, least_decimals=2, extra_decimals=1),
}
_METRIC = {"degF": Unit("degC", "°C", 1 / 1.8, -32 / 1.8)}
SYSTEMS = {"metric": _METRIC, "us": _US}


def displayed(unit: str, system: str | None = None) -> Unit:
    """Return how a field's stored unit is shown in a system of units; without one, as it is stored."""
    return SYSTEMS.get(system or "", {}).get(unit) or Unit(unit, SYMBOLS.get(unit, unit))
