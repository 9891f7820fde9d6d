"""What announced devices tell of their values: where each is in a message, and what it measures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readings.foreign.mqtt.messages import Message, Presence, Read, Route
from readings.foreign.upload import MOST_OF_A_NAME, Known, Value, number_of
from stations.models.field import MOST_OF_A_SOURCE
from stations.quantities import OTHER, QUANTITIES, quantity_named
from stations.units import MMHG_HPA, unit_named

ONLINE = "online"  # Told of a topic that says whether its device is there: the word for it.
_NO_VALUE = frozenset(["", "nan", "none", "null", "unknown", "unavailable"])
# Home Assistant's device classes that say more than a name and a unit do.
_OF_CLASS = {
    "temperature": "temperature",
    "humidity": "humidity",
    "atmospheric_pressure": "pressure",
    "pressure": "pressure",
    "wind_speed": "wind_speed",
    "wind_direction": "wind_direction",
    "precipitation": "rain_counter",
    "precipitation_intensity": "rain_rate",
    "irradiance": "solar_radiation",
    "illuminance": "illuminance",
    "moisture": "soil_moisture",
    "pm25": "pm25",
    "pm10": "pm10",
    "carbon_dioxide": "co2",
    "voltage": "battery_voltage",
    "signal_strength": "signal_strength",
}
_IN_HPA = {"Pa": 0.01, "kPa": 10.0, "mmHg": MMHG_HPA}


def told(path: Sequence[str], name: str, unit: str, device_class: str = "") -> list[Any]:
    """Return what has to be known of a value: its place in JSON, its factor, its quantity, unit and name."""
    factor = _IN_HPA.get(unit, 1.0)
    text = "hPa" if unit in _IN_HPA else unit_named(unit) or unit[:16]
    quantity = quantity_named(name.replace("_", " "), text)
    if quantity == OTHER and text in QUANTITIES.get(_OF_CLASS.get(device_class, OTHER), QUANTITIES[OTHER]).units:
        quantity = _OF_CLASS[device_class]
    return [list(path), factor, quantity, text, name.replace("_", " ")[:MOST_OF_A_NAME]]


def source_of(name: str) -> str:
    """Return a name as the source of a field: a long one by its beginning and a digest."""
    if len(name) <= MOST_OF_A_SOURCE:
        return name
    return f"{name[: MOST_OF_A_SOURCE - 9]}~{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"


def values_of(message: Message, route: Route, moment_ms: int | None = None) -> Iterator[Value]:
    """Yield the values of a message. Words for “no value” are none. Raises NoReportError."""
    given: Any = None
    for source, (path, factor, quantity, unit, name) in route.told.items():
        if path and given is None:
            given = message.json()
        text = _at(given, path) if path else message.text
        if text is not None and str(text).strip().lower() not in _NO_VALUE:
            yield Value(Known(source, quantity, unit, name), number_of(str(text)) * factor, moment_ms)


def _at(given: Any, path: Sequence[str]) -> Any:
    for part in path:
        if not isinstance(given, Mapping):
            return None
        given = given.get(part)
    return None if isinstance(given, bool | list | dict) else given


def presence(message: Message, route: Route) -> Read:
    """Return whether the device of a topic is there, from one word or from JSON with a state."""
    word = message.text
    if word.startswith("{"):
        state = message.json()
        word = str(state.get("state", "")) if isinstance(state, dict) else ""
    return [Presence(route.identity, word == route.told[ONLINE])] if word else []


def is_presence(route: Route) -> bool:
    return isinstance(route.told, dict) and isinstance(route.told.get(ONLINE), str)
