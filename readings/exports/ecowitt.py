"""The files that Ecowitt's consoles and gateways write on an SD card.

Their headers, from 2024 to 2025, stand in CumulusMX, CumulusMX/Stations/EcowittLogFile.cs, which reads them. Units are
in the header. `Timestamp`, in newer files, is Unix time, and is free of the double hour.
"""

from __future__ import annotations

from readings.exports.export import Export, Head, columns, named
from readings.foreign.ecowitt import KNOWN

_SOURCES = {
    "outdoor temperature": "tempf",
    "outdoor humidity": "humidity",
    "indoor temperature": "tempinf",
    "indoor humidity": "humidityin",
    "dew point": "dewptf",
    "wind": "windspeedmph",
    "gust": "windgustmph",
    "wind direction": "winddir",
    "winddir_10min_avg": "winddir_avg10m",
    "abs pressure": "baromabsin",
    "rel pressure": "baromrelin",
    "solar rad": "solarradiation",
    "uv-index": "uv",
    "console battery": "console_batt",
    "rain rate": "rainratein",
    "yearly rain": "yearlyrainin",
    "daily rain": "dailyrainin",
    "piezo rate": "rrain_piezo",
    "piezo yearly rain": "yrain_piezo",
    "piezo daily rain": "drain_piezo",
}
_TABLE = [(name, KNOWN[source]) for name, source in _SOURCES.items()]


def read_ecowitt(head: Head) -> Export | None:
    names = {named(title)[0] for title in head.titles}
    if head.titles[0] != "Time" or not {"abs pressure", "rel pressure"} & names:
        return None
    time = "Timestamp" if "Timestamp" in head.titles else "Time"
    return Export(time, columns(head.titles, _TABLE))
