"""A server's SQLite database with a row in every table of every app, made from the tables themselves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from freetemp.copying.tables import Column, Table, all_tables
from freetemp.encryption import encrypt
from tests.place import Place

STATION = 7  # As all numbers of the rows that are made.
READINGS = 45_000  # More than are copied at once.
MINUTE_MS = 60_000
TEXT = 'ü\t\\N "quoted", it\'s ☂\nnext'
VALUES = {
    "integer": STATION,
    "boolean": 1,
    "number": 0.1,
    "json": '{"ü": [1, null, "\\\\ \\"x\\""]}',
    "bytes": b"\x00\xff\\",
    "moment": "2026-01-02 03:04:05.678901",
    "date": "2026-01-02",
    "time": "22:30:00",
    "address": "2001:db8::1",
}
# What the tables' own constraints ask for.
CHOSEN = {
    "zone_rules": "",
    "role": "viewer",
    "scope": "read",
    "end": 9,
    "largest": None,
    "timezone": "UTC",
    "mac": "6c:ef:7f:3b:9d:e8",
}


def seed(folder: Path, migrated: Path) -> Place:
    folder.mkdir()
    place = Place(folder)
    place.database.write_bytes(migrated.read_bytes())
    with closing(sqlite3.connect(place.database)) as database, database:
        for table in all_tables():
            if not database.execute(f'SELECT 1 FROM "{table.name}"').fetchone():  # noqa: S608
                add_row(database, table)
            if table.name == "stations_field":
                add_row(database, table, id=8, number=1, name="Air", source="")
        add_readings(database, 1, range(1, READINGS + 1))
        secret = encrypt("the WiFi's password")
        database.execute("UPDATE firmware_wifinetwork SET encrypted_password = ?", [secret])
    return place


def add_row(database: sqlite3.Connection, table: Table, **chosen: object) -> None:
    row = {column.name: value_of(database, column) for column in table.columns} | chosen
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    database.execute(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', list(row.values()))  # noqa: S608


def value_of(database: sqlite3.Connection, column: Column) -> object:
    if column.parent:
        parent, key = column.parent
        (value,) = database.execute(f'SELECT "{key}" FROM "{parent}"').fetchone() or (None,)  # noqa: S608
        return value
    if column.name in CHOSEN:
        return CHOSEN[column.name]
    return VALUES[column.kind] if column.kind in VALUES else TEXT[: column.longest]


def add_readings(database: sqlite3.Connection, field: int, minutes: range) -> None:
    """Add readings of the only station, as a report would whose readings are the newest."""
    rows = [(field, minute * MINUTE_MS, minute / 7) for minute in minutes]
    ask = (
        "INSERT INTO readings_reading (station_id, field, measured_at, value) SELECT id, ?, ?, ? FROM stations_station"
    )
    database.executemany(ask, rows)
