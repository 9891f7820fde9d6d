"""Pimoroni's Enviro: JSON by POST to its “custom HTTP endpoint” (pimoroni/enviro 0.0.10 at 2c62557, April 2024).

The board keeps what was not answered with 200, 201 or 202, and sends it again, file by file, with its own time. It
stops at the first that is refused, so whatever has a right key and can be read is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readings.foreign.moments import parse_moment
from readings.foreign.upload import Answer, Known, Result, Sent, Upload, Value, json_object, number_of, plain
from stations.authentication import WrongKeyError, user_and_password

ROUTE = r"^(?:/*)(?:in/(?P<key>[^/]*)/+)?(?P<path>enviro)/?$"

_TABLE = [
    Known("temperature", "temperature", "degC", "temperature"),
    Known("humidity", "humidity", "%", "humidity"),
    Known("pressure", "pressure", "hPa", "pressure"),
    *(Known(name, "illuminance", "lx", "brightness") for name in ("luminance", "light")),  # `light` until 2022
    Known("wind_speed", "wind_speed", "m/s", "wind speed"),
    Known("wind_direction", "wind_direction", "deg", "wind direction"),
    *(Known(f"moisture_{n}", "soil_moisture", "%", f"soil moisture {n}") for n in ("a", "b", "c", "1", "2", "3")),
    Known("gas_resistance", "other", "Ohm", "gas resistance"),
    Known("aqi", "other", "%", "air quality"),
    Known("color_temperature", "other", "K", "colour temperature"),
    Known("noise", "other", "V", "noise"),
    Known("pm1", "other", "ug/m3", "PM1"),
    Known("pm2_5", "pm25", "ug/m3", "PM2.5"),
    Known("pm10", "pm10", "ug/m3", "PM10"),
    Known("voltage", "battery_voltage", "V", "battery"),
]
KNOWN = {each.source: each for each in _TABLE}
# Since November 2022, what fell since the reading before, with its rate beside it; earlier, what fell in the last hour.
_RAIN = Known("rain", "rain_amount", "mm", "rain")
_RAIN_OF_AN_HOUR = Known("rain hour", "rain_rate", "mm/h", "rain in the last hour")
_LEFT_OUT = frozenset(["rain_per_second"])


class Enviro:
    """The Format of this module."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        given = json_object(sent.body)
        readings = given.get("readings")
        readings = readings if isinstance(readings, dict) else {}
        moment_ms = parse_moment(str(given.get("timestamp", "")))
        known = KNOWN | {"rain": _RAIN if "rain_per_second" in readings else _RAIN_OF_AN_HOUR}
        values = [
            Value(known[name], number_of(str(value)), moment_ms)
            for name, value in readings.items()
            if name in known and value is not None
        ]
        unknown = [name for name in readings if name not in known and name not in _LEFT_OUT]
        return Upload(sent.part("key") or _password(sent.meta), values, unknown)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        return plain(result)

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/enviro, {len(sent.body)} bytes"


def _password(meta: Mapping[str, Any]) -> str:
    """Return the password of HTTP Basic, or nothing. The user's name may be anything."""
    try:
        return user_and_password(str(meta.get("HTTP_AUTHORIZATION", "")))[1]
    except WrongKeyError:
        return ""
