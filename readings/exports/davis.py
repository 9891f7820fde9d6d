"""What weatherlink.com exports for stations of Davis.

The titles, such as “Temp - °F”, behind some lines about the station, and moments such as 9/1/19 12:05 AM stand in
programs that read exports of 2019 to 2026; from 2026 on the degree sign is left out. All were American: for
other units, the order of a date is not known.
"""

from __future__ import annotations

from readings.exports.export import Export, Head, columns, named
from readings.foreign.upload import Known
from readings.foreign.wunderground import KNOWN

_SOURCES = {
    "temp": "tempf",
    "hum": "humidity",
    "inside temp": "indoortempf",
    "inside hum": "indoorhumidity",
    "dew point": "dewptf",
    "barometer": "baromin",
    "wind speed": "windspeedmph",
    "avg wind speed": "windspeedmph",
    "high wind speed": "windgustmph",
    "solar rad": "solarradiation",
    "uv index": "uv",
}
_TABLE = [
    *((name, KNOWN[source]) for name, source in _SOURCES.items()),
    ("rain", Known("", "rain_amount", "in", "rain")),
    ("high rain rate", Known("", "rain_rate", "in/h", "rain rate")),
    ("rain rate", Known("", "rain_rate", "in/h", "rain rate")),
]


def read_davis(head: Head) -> Export | None:
    if "Date & Time" not in head.titles:
        return None
    is_american = "degF" in {named(title)[1] for title in head.titles}
    return Export("Date & Time", columns(head.titles, _TABLE), date_order="mdy" if is_american else "")
