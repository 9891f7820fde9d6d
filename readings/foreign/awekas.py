"""AWEKAS's format, by GET, as WeeWX 5.5.2 uploads to it (AWEKASThread).

Values come in a fixed order, between semicolons, metric. The second is the MD5 of a password, which proves nothing
here: the first, the user's name, is the station's key, unless it stands in the path. The time is UTC, to the minute.
"""

from __future__ import annotations

from urllib.parse import unquote

from readings.foreign.moments import parse_moment
from readings.foreign.upload import Answer, Known, Result, Sent, Upload, Value, number_of

ROUTE = r"^(?:/*)(?:in/(?P<key>[^/]*)/+)?(?P<path>eingabe_pruefung\.php)/?$"
# WeeWX's words for a wrong login: it keeps what comes within the next hour, and loses only this record.
_LOGIN = "Benutzer/Passwort Fehler"
_LINES = {Result.TAKEN: "OK\n", Result.WRONG_KEY: f"{_LOGIN}\n"}
_ORDER = {
    4: Known("temperature", "temperature", "degC", "temperature"),
    5: Known("humidity", "humidity", "%", "humidity"),
    6: Known("pressure", "pressure", "hPa", "sea-level pressure"),
    7: Known("rain", "rain_counter", "mm", "rain"),  # of the local day
    8: Known("wind speed", "wind_speed", "km/h", "wind speed"),
    9: Known("wind direction", "wind_direction", "deg", "wind direction"),
    12: Known("snow", "other", "cm", "snow"),
    15: Known("gust", "wind_gust", "km/h", "gust"),
    16: Known("solar radiation", "solar_radiation", "W/m2", "solar radiation"),
    17: Known("UV index", "uv_index", "", "UV index"),
    18: Known("brightness", "illuminance", "lx", "brightness"),
    20: Known("soil temperature", "soil_temperature", "degC", "soil temperature"),
    21: Known("rain rate", "rain_rate", "mm/h", "rain rate"),
}


class Awekas:
    """The Format of this module."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        texts = _texts(sent)
        moment_ms = parse_moment(_iso(texts[2], texts[3])) if len(texts) > 3 else None
        given = {known: texts[place].strip() for place, known in _ORDER.items() if place < len(texts)}
        values = [Value(known, number_of(text), moment_ms) for known, text in given.items() if text]
        return Upload(sent.part("key") or texts[0], values)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        """Answer with 200, whatever comes: WeeWX drops a record for ever upon most other statuses."""
        return Answer(_LINES.get(result, f"{_LOGIN}: try later\n"))

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/eingabe_pruefung.php, {len(_texts(sent))} values"


def _texts(sent: Sent) -> list[str]:
    _, _, row = sent.query.partition("val=")
    return [unquote(each) for each in row.partition("&")[0].split(";")]


def _iso(date: str, time: str) -> str:
    """Return 28.11.2026 and 01:24 as other formats write it."""
    return f"{'-'.join(reversed(date.strip().split('.')))} {time.strip()}"
