"""freetemp's own topics: freetemp/in/<who> takes JSON, and freetemp/in/<who>/<name> takes one plain value.

docs/devices/mqtt.md describes them. <who> is the station's key, or its number if the broker proves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import nan
from typing import Any, ClassVar

from readings.foreign.moments import parse_moment
from readings.foreign.mqtt.messages import Message, Read, sender
from readings.foreign.upload import MOST_NAMES, MOST_OF_A_NAME, Known, Upload, Value, number_of
from readings.ingest.batch_json import MOST_READINGS
from readings.ingest.reports import NoReportError
from stations.quantities import OTHER, QUANTITIES
from stations.units import unit_named

PREFIX = "freetemp/in/"
AT = "at"
# Names of people for what QUANTITIES calls otherwise.
_ALIASES = {
    "temp": "temperature",
    "hum": "humidity",
    "rh": "humidity",
    "wind": "wind_speed",
    "gust": "wind_gust",
    "rain": "rain_amount",
    "battery": "battery_voltage",
    "rssi": "signal_strength",
    "uv": "uv_index",
    "pm2.5": "pm25",
    "lux": "illuminance",
}
_NAME = re.compile(r"[^\W_][\w .:-]{0,39}")
_BASE = re.compile(r"(.*?)[_ -]?[0-9]*")
_EXPECTED = 'expected {"temperature": 21.4, ...}, or a list of such'


class Own:
    """The MqttFormat of this module."""

    readings: ClassVar[Sequence[str]] = (f"{PREFIX}#",)
    announcements: ClassVar[Sequence[str]] = ()

    @staticmethod
    def read(message: Message, *, proves_stations: bool) -> Read:
        who, slash, name = message.topic.removeprefix(PREFIX).partition("/")
        by = sender(who, proves_stations=proves_stations)
        if slash:
            return [Upload(values=[_value(name, message.text, None)], **by)]
        told = message.json()
        many = told if isinstance(told, list) else [told]
        values = [value for each in many for value in _values(each)]
        if len(values) > MOST_READINGS:
            raise NoReportError(f"at most {MOST_READINGS} values a message")
        return [Upload(values=values, is_bulk=isinstance(told, list), **by)]


def _values(told: Any) -> Iterator[Value]:
    if not isinstance(told, dict) or len(told) > MOST_NAMES:
        raise NoReportError(_EXPECTED)
    moment_ms = None
    if told.get(AT) is not None:
        moment_ms = parse_moment(str(told[AT]))
        if moment_ms is None:
            raise NoReportError("at: seconds since 1970 expected, or a date like 2026-11-28T01:02:03Z")
    for name, value in told.items():
        if name != AT and value is not None:
            yield _value(name, value, moment_ms)


def _value(name: str, told: Any, moment_ms: int | None) -> Value:
    unit = None
    if isinstance(told, dict):
        unit, told = told.get("unit"), told.get("value")
    if not _NAME.fullmatch(name) or not isinstance(unit, str | None):
        raise NoReportError(f"{name[:16]}: a name of letters and digits expected, with a number")
    return Value(known(name, unit), _number(told), moment_ms)


def _number(told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return nan
    return number_of(str(told))


@lru_cache(maxsize=4096)
def known(name: str, unit: str | None) -> Known:
    """Return the quantity that a name tells, such as temperature, temperature2 or soil_moisture. Others are `other`."""
    folded = name.casefold().replace(" ", "_").replace("-", "_")
    found = _BASE.fullmatch(folded)
    bases = (folded, found[1] if found else folded)
    quantity = next((each for base in bases if (each := _ALIASES.get(base, base)) in QUANTITIES), OTHER)
    units = QUANTITIES[quantity].units
    of_wire = (unit_named(unit) or unit[:16]) if unit else next(iter(units), None)
    return Known(name, quantity, of_wire, name.replace("_", " ")[:MOST_OF_A_NAME])
