"""The format of Weather Underground, and its relatives: PWSweather, the Met Office's WOW, WOW-BE.

Names and units are those of Weather Underground's own description of its upload protocol. Consoles, bridges and WeeWX
speak it by GET, with everything in the query; some leave out the question mark before it.
"""

from __future__ import annotations

from readings.foreign.consoles import TOTALS, measured, numbered, pairs_in
from readings.foreign.moments import parse_moment
from readings.foreign.upload import Answer, Known, Result, Sent, Upload, Value, described_pairs

# The paths after which the query comes, of each of the services. `rest` is a query without its question mark.
ROUTE = (
    r"^(?:/*)(?:in/(?P<key>[^/]*)/+)?(?P<path>[Ww]eather[Ss]tation/[Uu]pdate[Ww]eather[Ss]tation(?:\.php)?"
    r"|pwsupdate/pwsupdate\.php|api/v1/submitwx|automaticreading|api/v2/send)/?(?P<rest>(?<!/)[A-Za-z]+=[\s\S]*)?$"
)
# WeeWX's sleeps for an hour upon a line that begins with ERROR, and keeps what comes meanwhile. It would drop a record
# for ever upon a status of 400 or more. Other clients look for Weather Underground's own words.
WRONG_KEY = "INVALIDPASSWORDID|Password and/or id are incorrect\nERROR unknown station or key\n"
NOT_NOW = "ERROR try later\n"

_KEYS = ("password", "siteauthenticationkey")
# What is no measurement, or follows from others and is computed anew: docs/figures.md.
_LEFT_OUT = frozenset(
    [
        *("id", "siteid", "action", "dateutc", "realtime", "rtfreq", "softwaretype", "weather", "clouds", *_KEYS),
        *("windchillf", "heatindexf", "feelslikef", "weeklyrainin", "monthlyrainin", "eventrainin", "hourlyrainin"),
        *("passkey", "model", "stationtype", "freq", "runtime", "interval", "lowbatt"),
    ]
)
_NUMBERS, _OF_SOIL = range(2, 11), range(2, 9)

_TABLE = [
    Known("tempf", "temperature", "degF", "temperature"),
    *numbered("temp{}f", "temperature", "degF", "temperature", _NUMBERS),
    Known("humidity", "humidity", "%", "humidity"),
    *numbered("humidity{}", "humidity", "%", "humidity", _NUMBERS),
    Known("dewptf", "dew_point", "degF", "dew point"),
    Known("baromin", "pressure", "inHg", "sea-level pressure"),
    Known("absbaromin", "pressure", "inHg", "pressure"),
    Known("winddir", "wind_direction", "deg", "wind direction"),
    Known("windspeedmph", "wind_speed", "mph", "wind speed"),
    Known("windgustmph", "wind_gust", "mph", "gust"),
    Known("windgustdir", "wind_direction", "deg", "gust direction"),
    Known("windspdmph_avg2m", "wind_speed", "mph", "wind speed, 2 minutes"),
    Known("winddir_avg2m", "wind_direction", "deg", "wind direction, 2 minutes"),
    Known("windgustmph_10m", "wind_gust", "mph", "gust, 10 minutes"),
    Known("windgustdir_10m", "wind_direction", "deg", "gust direction, 10 minutes"),
    Known("rainin", "rain_rate", "in/h", "rain in the last hour"),
    *(Known(total, "rain_counter", "in", "rain") for total in TOTALS),
    Known("solarradiation", "solar_radiation", "W/m2", "solar radiation"),
    Known("uv", "uv_index", "", "UV index"),
    Known("visibility", "other", "nmi", "visibility"),
    Known("soiltempf", "soil_temperature", "degF", "soil temperature"),
    *numbered("soiltemp{}f", "soil_temperature", "degF", "soil temperature", _OF_SOIL),
    Known("soilmoisture", "soil_moisture", "%", "soil moisture"),
    *numbered("soilmoisture{}", "soil_moisture", "%", "soil moisture", _OF_SOIL),
    Known("leafwetness", "leaf_wetness", "%", "leaf wetness"),
    *numbered("leafwetness{}", "leaf_wetness", "%", "leaf wetness", _OF_SOIL),
    Known("indoortempf", "temperature", "degF", "indoor temperature"),
    Known("indoorhumidity", "humidity", "%", "indoor humidity"),
    Known("aqpm2.5", "pm25", "ug/m3", "PM2.5"),
    Known("aqpm10", "pm10", "ug/m3", "PM10"),
    Known("aqco", "other", "ppm", "carbon monoxide"),
    *(Known(f"aq{gas}", "other", "ppb", name) for gas, name in [("no2", "NO2"), ("so2", "SO2"), ("ozone", "ozone")]),
]
KNOWN = {each.source: each for each in _TABLE}
_SHOWN = frozenset([*KNOWN, "dateutc", "realtime", "rtfreq", "action"])


class WeatherUnderground:
    """The Format of this module."""

    @staticmethod
    def read(sent: Sent) -> Upload:
        given = {name.lower(): value for name, value in pairs_in(sent, sent.body)}
        key = sent.part("key") or next((given[name] for name in _KEYS if name in given), "")
        is_live = given.get("realtime") == "1"
        moment_ms = parse_moment(given.get("dateutc", ""))
        if moment_ms is not None:
            moment_ms += is_live  # An archived mean may have the same second, and is another reading.
        values = [
            Value(_of_live(known) if is_live and known.source in TOTALS else known, number, moment_ms)
            for known, number in measured(given, KNOWN, TOTALS)
        ]
        unknown = [name for name in given if name not in KNOWN and name not in _LEFT_OUT]
        return Upload(key, values, unknown)

    @staticmethod
    def answer(sent: Sent, upload: Upload | None, result: Result, station: int) -> Answer:
        """Answer with 200, whatever comes: any other status loses the reading."""
        if result is Result.TAKEN:
            return Answer("success\n")
        return Answer(WRONG_KEY if result is Result.WRONG_KEY else NOT_NOW)

    @staticmethod
    def described(sent: Sent) -> str:
        return f"/{sent.part('path')}?{described_pairs(pairs_in(sent, sent.body), _SHOWN)}"


def _of_live(known: Known) -> Known:
    """Return a total of rapidfire as a field of its own.

    WeeWX's archived total is ahead of the live one for seconds: in one field, each interval would seem to begin again.
    """
    return known._replace(source=f"{known.source} live")
