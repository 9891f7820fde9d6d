"""Tasmota over HTTP: SENSOR's JSON by POST, or single values by GET, as its rules can send them.

The names are those of its SENSOR message (xsns_05_ds18x20.ino, xsns_09_bmp.ino, include/i18n.h, 2021 to 2026). A rule
has one value at a time (xdrv_10_rules.ino), and WebSend with a path sends a GET (xdrv_01_webserver.ino); Berry, on an
ESP32, has all of them as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readings.foreign.moments import parse_moment
from readings.foreign.upload import (
    MOST_NAMES,
    MOST_OF_A_NAME,
    Answer,
    Known,
    Result,
    Sent,
    Upload,
    Value,
    is_name,
    json_object,
    number_of,
    pairs_of,
    plain,
)
from readings.ingest.reports import NoReportError
from readings.models.device_state import DeviceTold
from stations.models.field import MOST_OF_A_SOURCE
from stations.units import MMHG_HPA

ROUTE = r"^(?:/*)in/(?P<key>[^/]*)/+(?P<path>tasmota)/?$"

# By their names: the quantity, its unit, and what a field is called behind its sensor. The units of some are told.
_QUANTITIES = {
    "Temperature": ("temperature", "degC", "temperature"),
    "Humidity": ("humidity", "%", "humidity"),
    "DewPoint": ("dew_point", "degC", "dew point"),
    "Pressure": ("pressure", "hPa", "pressure"),
    "SeaPressure": ("pressure", "hPa", "sea-level pressure"),
    "Illuminance": ("illuminance", "lx", "illuminance"),
    "CarbonDioxide": ("co2", "ppm", "CO2"),
    "UvIndex": ("uv_index", "", "UV index"),
    "PM2.5": ("pm25", "ug/m3", "PM2.5"),
    "PM10": ("pm10", "ug/m3", "PM10"),
    "Gas": ("other", "kOhm", "gas resistance"),
}
_UNITS = ("TempUnit", "PressureUnit", "SpeedUnit")
_LEFT_OUT = frozenset(["Time", "Epoch", *_UNITS, "ESP32"])  # ESP32 is the processor's own temperature.
WEAKEST_DBM = -127
_DETAILS = frozenset(["Id"])


class Tasmota:
    """The Format of this module."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        given = _given(sent)
        moment_ms = parse_moment(str(given.get("Epoch", "")))  # `Time` is local, without its zone.
        values, unknown = [], []
        device = signal_of(given.pop("Wifi", None))
        for source, label, name, text in _each(given):
            if name not in _QUANTITIES or not is_name(source, MOST_OF_A_SOURCE):
                unknown.append(source)
            else:
                values.append(_value(source, label, name, number_of(text), given)._replace(moment_ms=moment_ms))
        return Upload(sent.part("key"), values, unknown, device=device)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        return plain(result)

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/in/.../tasmota, {len(sent.body) or len(sent.query)} bytes"


def signal_of(wifi: Any) -> DeviceTold | None:
    """Return the signal of a Tasmota's Wifi: `Signal` is in dBm, and `RSSI` in percent."""
    dbm = wifi.get("Signal") if isinstance(wifi, dict) else None
    return DeviceTold(rssi=dbm) if type(dbm) is int and WEAKEST_DBM <= dbm < 0 else None


def _given(sent: Sent) -> dict[str, Any]:
    """Return the sensors with their values: of JSON, or of names like BME280.Temperature in a query."""
    given: dict[str, Any] = json_object(sent.body) if sent.body.strip() else {}
    if isinstance(given.get("StatusSNS"), dict):  # the answer to Status 10
        given = given["StatusSNS"]
    for name, text in pairs_of(sent.query):
        sensor, dot, quantity = name.partition(".")
        if not dot:
            given[sensor] = text
        elif isinstance(of_sensor := given.setdefault(sensor, {}), dict):
            of_sensor[quantity] = text
    if sum(len(each) for each in given.values() if isinstance(each, dict)) > MOST_NAMES:
        raise NoReportError(f"names: at most {MOST_NAMES} expected")
    return given


def _each(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield each value: the source of its field, its sensor's name, its own name, and its text.

    A probe at a wire is known by its Id: its name moves when another is added.
    """
    for sensor, of_sensor in given.items():
        if sensor in _LEFT_OUT:
            continue
        values = of_sensor if isinstance(of_sensor, dict) else {}
        known_by = str(values.get("Id") or sensor)
        if not values:
            yield sensor, sensor, "", ""
        for name, value in values.items():
            if name not in _DETAILS and value is not None:
                yield f"{known_by} {name}", sensor, "" if sensor == "ANALOG" else name, str(value)


def _value(source: str, sensor: str, name: str, number: float, given: Mapping[str, Any]) -> Value:
    quantity, unit, label = _QUANTITIES[name]
    if unit == "degC" and given.get("TempUnit") == "F":
        unit = "degF"
    if unit == "hPa" and given.get("PressureUnit") == "inHg":
        unit = "inHg"
    if unit == "hPa" and given.get("PressureUnit") == "mmHg":
        number = round(number * MMHG_HPA, 3)
    return Value(Known(source, quantity, unit, f"{sensor} {label}"[:MOST_OF_A_NAME]), number, None)
