"""Everything that one station's board needs to know: the builder's only input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from freetemp import __version__


@dataclass(frozen=True)
class Mounted:
    """A sensor on a board."""

    driver: str  # From firmware.sensors.catalogue.SENSORS.
    wiring: dict[str, int]  # Pins by GPIO number, the bus address if it has one, and its settings.
    fields: dict[str, int]  # Quantity to field number; a quantity without a field is not reported.

    def config(self) -> dict[str, Any]:
        return {"driver": self.driver, **self.wiring, "fields": self.fields}


@dataclass(frozen=True)
class Recipe:
    """Everything that makes one station's folder differ from another's. Its repr hides the key and the networks."""

    server_url: str  # Where the board reports, without a slash at its end.
    mac: str  # As the registry keeps it: 6c:ef:7f:3b:9d:e8.
    key: str = field(repr=False)
    networks: tuple[tuple[str, str], ...] = field(repr=False)  # (SSID, password), the preferred one first.
    sensors: tuple[Mounted, ...]
    interval_s: int
    battery: bool

    def config(self) -> dict[str, Any]:
        """Return the content of the board's config.json."""
        return {
            "server": self.server_url,
            "mac": self.mac.replace(":", ""),
            "key": self.key,
            "networks": [list(network) for network in self.networks],
            "interval_s": self.interval_s,
            "battery": self.battery,
            "sensors": [sensor.config() for sensor in self.sensors],
            "firmware": __version__,  # The board tells it with its reports.
        }
