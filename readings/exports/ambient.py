"""What ambientweather.net exports, in American or metric units.

The header and its moments, `Date` with an offset beside a local `Simple Date`, were seen in exports of 2023
(kacev1/ambient_weather), and the American names in programs that read them.
"""

from __future__ import annotations

from readings.exports.export import Export, Head, columns
from readings.foreign.ecowitt import KNOWN

_SOURCES = {
    "outdoor temperature": "tempf",
    "humidity": "humidity",
    "indoor temperature": "tempinf",
    "indoor humidity": "humidityin",
    "dew point": "dewptf",
    "wind speed": "windspeedmph",
    "wind gust": "windgustmph",
    "wind direction": "winddir",
    "avg wind speed (10 mins)": "windspdmph_avg10m",
    "avg wind direction (10 mins)": "winddir_avg10m",
    "relative pressure": "baromrelin",
    "absolute pressure": "baromabsin",
    "solar radiation": "solarradiation",
    "ultra-violet radiation index": "uv",
    "rain rate": "rainratein",
    "hourly rain": "rainratein",
    "total rain": "totalrainin",
    "yearly rain": "yearlyrainin",
    "daily rain": "dailyrainin",
}
_TABLE = [(name, KNOWN[source]) for name, source in _SOURCES.items()]


def read_ambient(head: Head) -> Export | None:
    if list(head.titles[:2]) != ["Date", "Simple Date"]:
        return None
    return Export("Date", columns(head.titles, _TABLE))
