"""The sensors that a station may carry, with the quantities that each measures and its default wiring.

Each driver is `firmware/device/lib/sensors/<driver>.py`. docs/sensors.md shows the same wiring for people.
"""

from dataclasses import dataclass, field

# The unit of each quantity as its driver measures it: it matches the quantity with a field of the station.
UNITS = {
    "temperature": "degC",
    "humidity": "%",
    "pressure": "hPa",
    "rain_counter": "mm",
    "wind_speed": "m/s",
    "wind_gust": "m/s",
    "wind_direction": "deg",
    "illuminance": "lx",
}
# A new field's name, where the quantity's own is not the usual one.
NAMES = {"rain_counter": "rain", "wind_speed": "wind speed", "wind_gust": "gust", "wind_direction": "wind direction"}

# What all drivers may take that are in memory at once: those that stay, and the largest of the others. Of these figures
# each has room for what a driver allocates while it works; together they say what docs/board.md has measured.
MEMORY_BYTES = 8200

# GPIO to its label on a Wemos D1 mini or NodeMCU, for the pins that a sensor may hold at any level while the board
# starts. The others have other work: 0, 2 and 15 choose how the ESP8266 boots (its datasheet calls them strapping
# pins), 1 and 3 are its serial port, 6 to 11 its flash, and 16 wakes it from deep sleep and has neither open drain nor
# interrupts.
SAFE_PINS = {4: "D2", 5: "D1", 12: "D6", 13: "D7", 14: "D5"}


@dataclass(frozen=True)
class Setting:
    """A number beside the pins. People write it with a point; the board has it without, times 10 ** decimals."""

    smallest: int
    largest: int
    decimals: int = 0


@dataclass(frozen=True)
class SensorType:
    """One kind of sensor. `wiring` maps names to GPIO numbers, and holds its I2C address and its settings."""

    driver: str
    label: str
    quantities: tuple[str, ...]
    wiring: dict[str, int] = field(hash=False)
    addresses: tuple[int, ...] = ()  # those that the chip's address pins can choose
    settings: dict[str, Setting] = field(default_factory=dict, hash=False)
    is_counter: bool = False  # Something happens between two readings, and a board that sleeps would miss it.
    stays: bool = False  # Its driver is in memory between two readings, as those of counters are.
    why_one: str = ""  # why a board carries at most one, empty if it may carry several
    memory_bytes: int = 2200  # Its driver's share of a board's heap.

    @property
    def pins(self) -> tuple[str, ...]:
        """Return the names in `wiring` that are GPIO numbers."""
        return tuple(name for name in self.wiring if name != "address" and name not in self.settings)


# The pins that every ESP8266 board labels as its I2C, and for a single data wire the safe pin farthest from them.
_I2C = {"scl": 5, "sda": 4}
_DATA = {"data": 14}

_TYPES = (
    SensorType("mcp9808", "MCP9808", ("temperature",), {**_I2C, "address": 0x18}, tuple(range(0x18, 0x20))),
    SensorType("ds18b20", "DS18B20", ("temperature",), dict(_DATA)),
    SensorType("dht22", "DHT22 (AM2302)", ("temperature", "humidity"), dict(_DATA)),
    SensorType(
        "bme280",
        "BME280",
        ("temperature", "humidity", "pressure"),
        {**_I2C, "address": 0x76},
        (0x76, 0x77),
        memory_bytes=6200,
    ),
    SensorType("sht3x", "SHT3x", ("temperature", "humidity"), {**_I2C, "address": 0x44}, (0x44, 0x45)),
    SensorType("bh1750", "BH1750", ("illuminance",), {**_I2C, "address": 0x23}, (0x23, 0x5C)),
    SensorType(
        "rain_gauge",
        "rain gauge",
        ("rain_counter",),
        {"data": 12, "tip_mm": 2794},
        settings={"tip_mm": Setting(100, 20_000, decimals=4)},
        is_counter=True,
        why_one="its memory has room for the rain of one",
        memory_bytes=1900,
    ),
    SensorType(
        "anemometer",
        "cup anemometer",
        ("wind_speed", "wind_gust"),
        {"data": 13, "speed": 6667},
        settings={"speed": Setting(500, 50_000, decimals=4)},
        is_counter=True,
        why_one="it counts the turns of one",
        memory_bytes=2100,
    ),
    SensorType(
        "wind_vane",
        "wind vane",
        ("wind_direction",),
        {"pull_up": 10_000},
        settings={"pull_up": Setting(4_000, 40_000)},
        why_one="A0 is its only analogue input",
        stays=True,
        memory_bytes=2000,
    ),
)
SENSORS = {sensor.driver: sensor for sensor in _TYPES}
