"""Ecowitt's own format, and Ambient's: the same names, by POST from one and by GET from the other.

The names are those that gateways were seen to send (fixtures of ecowitt2mqtt and aioecowitt). PASSKEY is a secret of
low worth: it may be the station's key, or the key stands in the path.
"""

from __future__ import annotations

from readings.foreign.batteries import told_of_batteries
from readings.foreign.consoles import TOTALS, measured, numbered, pairs_in
from readings.foreign.moments import parse_moment
from readings.foreign.upload import Answer, Known, Result, Sent, Upload, Value, described_pairs, plain

# Some firmware of Ambient's leaves out the question mark, and apps put a slash before a path that has one.
ROUTE = r"^(?:/*)(?:in/(?P<key>[^/]*)/+)?(?P<path>data/+(?:report)?)/?(?P<rest>(?:stationtype|PASSKEY|MAC)=[\s\S]*)?$"

_KEYS = ("passkey", "mac")
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
        # Flags and steps without a unit: what they say of a battery is in batteries.py.
        *("wh25batt", "wh26batt", "wh65batt", "wh57batt", "co2_batt", "batt_co2"),
        *("battout", "battin", "batt_lightning"),
        *(f"{name}{n}" for n in range(1, 17) for name in ("batt", "pm25batt", "leakbatt", "batt_25", "battsm")),
        *(f"leak_ch{n}" for n in range(1, 5)),
        *(f"gain{n}_piezo" for n in range(10, 60, 10)),  # settings of a piezo gauge
    ]
)

_TABLE = [
    Known("tempf", "temperature", "degF", "temperature"),
    Known("tempinf", "temperature", "degF", "indoor temperature"),
    Known("humidity", "humidity", "%", "humidity"),
    Known("humidityin", "humidity", "%", "indoor humidity"),
    *numbered("temp{}f", "temperature", "degF", "temperature", range(1, 11)),
    *numbered("humidity{}", "humidity", "%", "humidity", range(1, 11)),
    *numbered("tf_ch{}", "temperature", "degF", "probe", range(1, 9)),
    *numbered("soilmoisture{}", "soil_moisture", "%", "soil moisture", range(1, 17)),
    *numbered("soilhum{}", "soil_moisture", "%", "soil moisture", range(1, 11)),
    *numbered("soiltemp{}f", "soil_temperature", "degF", "soil temperature", range(1, 11)),
    *numbered("leafwetness_ch{}", "leaf_wetness", "%", "leaf wetness", range(1, 9)),
    *numbered("pm25_ch{}", "pm25", "ug/m3", "PM2.5", range(1, 5)),
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
    *(Known(total, "rain_counter", "in", "rain") for total in TOTALS),
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
    *numbered("soilbatt{}", "battery_voltage", "V", "battery of soil moisture", range(1, 17)),
    *numbered("tf_batt{}", "battery_voltage", "V", "battery of probe", range(1, 9)),
    *numbered("leaf_batt{}", "battery_voltage", "V", "battery of leaf wetness", range(1, 9)),
    Known("ws90cap_volt", "other", "V", "capacitor of WS90"),
    Known("console_batt", "battery_voltage", "V", "battery of console"),
]
KNOWN = {each.source: each for each in _TABLE}
_SHOWN = frozenset([*KNOWN, "dateutc"])


class Ecowitt:
    """The Format of this module."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        given = {name.lower(): value.strip() for name, value in pairs_in(sent, sent.body.strip())}
        key = sent.part("key") or next((given[name] for name in _KEYS if given.get(name)), "")
        moment_ms = parse_moment(given.get("dateutc", ""))
        values = [Value(known, number, moment_ms) for known, number in measured(given, KNOWN, TOTALS, _PIEZO_TOTALS)]
        unknown = [name for name in given if name not in KNOWN and name not in _LEFT_OUT]
        return Upload(key, values, unknown, device=told_of_batteries(given))

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        return plain(result)

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/data/report/ {described_pairs(pairs_in(sent, sent.body.strip()), _SHOWN)}"
