"""Ecowitt's own format, and Ambient's: the same names, by POST from one and by GET from the other.

The names are those that gateways were seen to send (fixtures of ecowitt2mqtt and aioecowitt). PASSKEY is a secret of
low worth: it may be the station's key, or the key stands in the path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readings.foreign.moments import parse_moment
from readings.foreign.upload import Answer, Known, Result, Sent, Upload, Value, described_pairs, number_of, pairs_of

# Some firmware of Ambient's leaves out the question mark, and apps put a slash before a path that has one.
ROUTE = r"^(?:/*)(?:in/(?P<key>[^/]*)/+)?(?P<path>data/+(?:report)?)/?(?P<rest>(?:stationtype|PASSKEY|MAC)=[\s\S]*)?$"

_STATUS = {Result.WRONG_KEY: 403, Result.NOT_NOW: 503, Result.MALFORMED: 400, Result.TOO_LARGE: 413}
_LINES = {
    Result.TAKEN: "OK",
    Result.WRONG_KEY: "unknown station or key",
    Result.NOT_NOW: "try later",
    Result.MALFORMED: "names and values expected",
    Result.TOO_LARGE: "too large",
}
_KEYS = ("passkey", "mac")
# A total that begins again seldom is better than one that does at each midnight. Only the first that is there counts.
_TOTALS = ("totalrainin", "yearlyrainin", "dailyrainin")
_PIEZO_TOTALS = ("yrain_piezo", "drain_piezo")
# What is no measurement, or follows from others.
_LEFT_OUT = frozenset(
    [
        *(*_KEYS, "stationtype", "dateutc", "model", "freq", "runtime", "heap", "interval", "softwaretype", "action"),
        *("id", "eventrainin", "hourlyrainin", "weeklyrainin", "monthlyrainin", "erain_piezo", "hrain_piezo"),
        *("wrain_piezo", "mrain_piezo", "srain_piezo", "maxdailygust", "windchillf", "feelslikef", "heatindexf", "vpd"),
        *("pm25_24h_co2", "pm10_24h_co2", "co2_24h", "pm25_24h", "pm25_in_24h"),
        *(f"pm25_avg_24h_ch{n}" for n in range(1, 5)),
        *("lightning_time", "lastrain", "tz", "last24hrainin_piezo", "last24hrainin", "ws90_ver"),
    ]
)


def _each(source: str, quantity: str, unit: str, name: str, most: int) -> list[Known]:
    return [Known(source.format(n), quantity, unit, f"{name} {n}") for n in range(1, most + 1)]


_TABLE = [
    Known("tempf", "temperature", "degF", "temperature"),
    Known("tempinf", "temperature", "degF", "indoor temperature"),
    Known("humidity", "humidity", "%", "humidity"),
    Known("humidityin", "humidity", "%", "indoor humidity"),
    *_each("temp{}f", "temperature", "degF", "temperature", 10),
    *_each("humidity{}", "humidity", "%", "humidity", 10),
    *_each("tf_ch{}", "temperature", "degF", "probe", 8),
    *_each("soilmoisture{}", "soil_moisture", "%", "soil moisture", 16),
    *_each("soilhum{}", "soil_moisture", "%", "soil moisture", 10),
    *_each("soiltemp{}f", "soil_temperature", "degF", "soil temperature", 10),
    *_each("leafwetness_ch{}", "leaf_wetness", "%", "leaf wetness", 8),
    *_each("pm25_ch{}", "pm25", "ug/m3", "PM2.5", 4),
    Known("dewptf", "dew_point", "degF", "dew point"),
    Known("dewpoint", "dew_point", "degF", "dew point"),
    Known("baromrelin", "pressure", "inHg", "sea-level pressure"),
    Known("baromabsin", "pressure", "inHg", "pressure"),
    Known("winddir", "wind_direction", "deg", "wind direction"),
    Known("winddir_avg10m", "wind_direction", "deg", "wind direction, 10 minutes"),
    Known("windspeedmph", "wind_speed", "mph", "wind speed"),
    Known("windspdmph_avg10m", "wind_speed", "mph", "wind speed, 10 minutes"),
    Known("windgustmph", "wind_gust", "mph", "gust"),
    Known("windgustdir", "wind_direction", "deg", "gust direction"),
    Known("rainratein", "rain_rate", "in/h", "rain rate"),
    *(Known(total, "rain_counter", "in", "rain") for total in _TOTALS),
    Known("rrain_piezo", "rain_rate", "in/h", "rain rate, piezo"),
    *(Known(total, "rain_counter", "in", "rain, piezo") for total in _PIEZO_TOTALS),
    Known("solarradiation", "solar_radiation", "W/m2", "solar radiation"),
    Known("uv", "uv_index", "", "UV index"),
    Known("pm25", "pm25", "ug/m3", "PM2.5"),
    Known("pm25_in", "pm25", "ug/m3", "indoor PM2.5"),
    Known("pm25_co2", "pm25", "ug/m3", "indoor PM2.5"),
    Known("pm10_co2", "pm10", "ug/m3", "indoor PM10"),
    Known("co2", "co2", "ppm", "CO2"),
    Known("tf_co2", "temperature", "degF", "temperature at the CO2 sensor"),
    Known("humi_co2", "humidity", "%", "humidity at the CO2 sensor"),
    Known("lightning_num", "lightning_count", "", "lightning count"),
    Known("lightning_day", "lightning_count", "", "lightning count"),
    Known("lightning", "lightning_distance", "km", "lightning distance"),
    # Volts only of those whose number is one: others are a flag, or steps of a fifth.
    *(Known(f"wh{n}batt", "battery_voltage", "V", f"battery of WH{n}") for n in (40, 68, 80, 90)),
    *_each("soilbatt{}", "battery_voltage", "V", "battery of soil moisture", 16),
    *_each("tf_batt{}", "battery_voltage", "V", "battery of probe", 8),
    *_each("leaf_batt{}", "battery_voltage", "V", "battery of leaf wetness", 8),
    Known("ws90cap_volt", "other", "V", "capacitor of WS90"),
    Known("console_batt", "battery_voltage", "V", "battery of console"),
]
KNOWN = {each.source: each for each in _TABLE}
# Flags (1 is low, but for Ambient, where 1 is good) and steps from 0 to 5, or 6 on mains: numbers without a unit.
FLAGS = frozenset(
    [
        *(
            "wh25batt",
            "wh26batt",
            "wh65batt",
            "wh57batt",
            "co2_batt",
            "batt_co2",
            "battout",
            "battin",
            "batt_lightning",
        ),
        *(f"{name}{n}" for n in range(1, 17) for name in ("batt", "pm25batt", "leakbatt", "batt_25", "battsm")),
    ]
)


class Ecowitt:
    """The Format of this module."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        given = {name.lower(): value.strip() for name, value in _pairs(sent)}
        key = sent.part("key") or next((given[name] for name in _KEYS if given.get(name)), "")
        moment_ms = parse_moment(given.get("dateutc", ""))
        values = [Value(known, number, moment_ms) for known, number in _values(given)]
        unknown = [name for name in given if name not in KNOWN and name not in _LEFT_OUT and name not in FLAGS]
        return Upload(key, values, unknown)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        return Answer(_LINES[result], _STATUS.get(result, 200))

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/data/report/ {described_pairs(_pairs(sent), frozenset([*KNOWN, 'dateutc']))}"


def _pairs(sent: Sent) -> list[tuple[str, str]]:
    body = sent.body.decode(errors="replace") if sent.method == "POST" else ""
    return pairs_of("&".join(filter(None, [sent.part("rest"), sent.query, body.strip()])))


def _values(given: Mapping[str, str]) -> Iterator[tuple[Known, float]]:
    kept = {next((name for name in totals if given.get(name)), "") for totals in (_TOTALS, _PIEZO_TOTALS)}
    for name, text in given.items():
        is_total = name in _TOTALS or name in _PIEZO_TOTALS
        if name in KNOWN and text and (name in kept or not is_total) and (number := number_of(text)) != -9999:
            yield KNOWN[name], number
