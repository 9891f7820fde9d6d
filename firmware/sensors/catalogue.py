"""The sensors that a station may carry, with the quantities that each measures and its default wiring.

Each driver is `firmware/device/lib/sensors/<driver>.py`. docs/sensors.md shows the same wiring for people.
"""

from dataclasses import dataclass, field

# Each quantity's unit as stations store it; it matches a quantity with the server's fields.
UNITS = {"temperature": "degC", "humidity": "%", "pressure": "hPa"}

# GPIO to its label on a Wemos D1 mini or NodeMCU, for the pins that a sensor may hold at any level while the board
# starts. The others have other work: 0, 2 and 15 choose how the ESP8266 boots (its datasheet calls them strapping
# pins), 1 and 3 are its serial port, 6 to 11 its flash, and 16 wakes it from deep sleep and has no open drain.
SAFE_PINS = {4: "D2", 5: "D1", 12: "D6", 13: "D7", 14: "D5"}


@dataclass(frozen=True)
class SensorType:
    """One kind of sensor. `wiring` maps names to GPIO numbers, and holds the I2C address if the sensor has one."""

    driver: str
    label: str
    quantities: tuple[str, ...]
    wiring: dict[str, int] = field(hash=False)
    addresses: tuple[int, ...] = ()  # those that the chip's address pins can choose

    @property
    def pins(self) -> tuple[str, ...]:
        """Return the names in `wiring` that are GPIO numbers."""
        return tuple(name for name in self.wiring if name != "address")


# The pins that every ESP8266 board labels as its I2C, and for a single data wire the safe pin farthest from them.
_I2C = {"scl": 5, "sda": 4}
_DATA = {"data": 14}

_TYPES = (
    SensorType("mcp9808", "MCP9808", ("temperature",), {**_I2C, "address": 0x18}, tuple(range(0x18, 0x20))),
    SensorType("ds18b20", "DS18B20", ("temperature",), dict(_DATA)),
    SensorType("dht22", "DHT22 (AM2302)", ("temperature", "humidity"), dict(_DATA)),
    SensorType("bme280", "BME280", ("temperature", "humidity", "pressure"), {**_I2C, "address": 0x76}, (0x76, 0x77)),
    SensorType("sht3x", "SHT3x", ("temperature", "humidity"), {**_I2C, "address": 0x44}, (0x44, 0x45)),
)
SENSORS = {sensor.driver: sensor for sensor in _TYPES}
