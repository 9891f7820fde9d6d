"""The archive of WeeWX: its SQLite file as it is, or the table as CSV with its names.

Names are those of the schema wview_extended of WeeWX 5, units those of its unit systems by `usUnits`: 1 is American,
16 and 17 are metric, with rain in cm and wind in km/h, or in mm and m/s. Rows of another `usUnits` than the first
one's are left out. What WeeWX uploads to Weather Underground has the same fields here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

from freetemp.csv_lines import csv_lines
from readings.exports.export import Export, Head, columns
from readings.foreign.upload import Known
from readings.foreign.wunderground import KNOWN

_MAGIC = b"SQLite format 3\0"
_STEPS_A_LOOK = 100_000
_MOST_OF_A_ROW = 1_000_000  # bytes
_IS_TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'archive' AND type = 'table' AND sql LIKE 'CREATE TABLE%'"
_SOURCES = {
    "outtemp": "tempf",
    "outhumidity": "humidity",
    "intemp": "indoortempf",
    "inhumidity": "indoorhumidity",
    "dewpoint": "dewptf",
    "barometer": "baromin",
    "pressure": "absbaromin",
    "windspeed": "windspeedmph",
    "windgust": "windgustmph",
    "winddir": "winddir",
    "windgustdir": "windgustdir",
    "radiation": "solarradiation",
    "uv": "uv",
    "pm2_5": "aqpm2.5",
    "pm10_0": "aqpm10",
    "soiltemp1": "soiltempf",
    **{f"soiltemp{n}": f"soiltemp{n}f" for n in range(2, 5)},
    **{f"extratemp{n}": f"temp{n + 1}f" for n in range(1, 9)},
    **{f"extrahumid{n}": f"humidity{n + 1}" for n in range(1, 9)},
}
_TABLE = [
    *((name, KNOWN[source]) for name, source in _SOURCES.items()),
    ("rain", Known("", "rain_amount", "in", "rain")),
    ("rainrate", Known("", "rain_rate", "in/h", "rain rate")),
    ("co2", Known("", "co2", "ppm", "CO2")),
    ("consbatteryvoltage", Known("", "battery_voltage", "V", "battery of console")),
]
_UNITS = {
    "1": {},
    "16": {"degF": "degC", "inHg": "hPa", "mph": "km/h", "in": "cm", "in/h": "cm/h"},
    "17": {"degF": "degC", "inHg": "hPa", "mph": "m/s", "in": "mm", "in/h": "mm/h"},
}


def read_weewx(head: Head) -> Export | None:
    if not {"dateTime", "usUnits", "interval"} <= {*head.titles}:
        return None
    system = head.cell("usUnits").strip()
    units = _UNITS.get(system, {})
    found = {
        title: known._replace(unit=units.get(known.unit or "", known.unit))
        for title, known in columns(head.titles, _TABLE).items()
    }
    return Export("dateTime", found, only={"usUnits": system} if system in _UNITS else {})


def is_archive(start: bytes) -> bool:
    """Tell by its first bytes whether a file is a SQLite database."""
    return start.startswith(_MAGIC)


def archive_lines(path: Path, most_s: float | None = None) -> Iterator[str]:
    """Yield the table `archive` of a database as lines of CSV. Raises sqlite3.Error if it has none.

    The database may be made to do harm: no view is asked, and no column that is computed, which could make
    gigabytes of a row. With `most_s`, SQLite is interrupted after so many seconds.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as archive:
        archive.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_OF_A_ROW)
        archive.execute("PRAGMA trusted_schema = OFF")
        if most_s is not None:
            ends_at_s = monotonic() + most_s
            archive.set_progress_handler(lambda: monotonic() > ends_at_s, _STEPS_A_LOOK)
        if not archive.execute(_IS_TABLE).fetchone():
            raise sqlite3.DatabaseError("no such table: archive")
        names = [name for _, name, *_ in archive.execute("PRAGMA table_info(archive)")]  # without computed ones
        if "dateTime" not in names:
            raise sqlite3.DatabaseError("no such column: dateTime")
        yield from csv_lines([names])
        columns = ", ".join('"{}"'.format(name.replace('"', '""')) for name in names)
        yield from csv_lines(archive.execute(f"SELECT {columns} FROM archive ORDER BY dateTime"))  # noqa: S608 - quoted
