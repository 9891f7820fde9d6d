"""SQLite's side: reads rows in pieces by their keys, so that no reading lasts and the server's log stays short."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freetemp.copying.errors import CopyError
from freetemp.copying.tables import Table
from freetemp.copying.values import from_sqlite, text_of

Row = tuple[Any, ...]
Key = tuple[Any, ...]
Series = tuple[int, int]  # the number of a station, and of its field
WAIT_S = 4


class Source:
    """A connection of its own to the database's file."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise CopyError(f"There is no SQLite database at {path}: there is nothing to copy.")
        uri = f"{path.absolute().as_uri()}?mode=rw"
        self.database = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_S)
        self.database.text_factory = text_of

    def close(self) -> None:
        self.database.close()

    def be_alone(self) -> None:
        """Take the database for this connection until it is closed. Raise CopyError if it is open elsewhere."""
        try:
            self.database.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
            self.database.execute("BEGIN EXCLUSIVE")
            self.database.execute("COMMIT")  # The lock stays.
        except sqlite3.OperationalError as error:
            raise CopyError(
                f"SQLite's database is in use ({error}): stop the server and all that runs beside it (systemctl stop "
                "freetemp freetemp-watch), then run this again. Boards keep their readings meanwhile."
            ) from error

    def fingerprint(self) -> str:
        """Return what no other server has: the moment of its first migration. A restored backup has the same."""
        row = self.database.execute("SELECT name, applied FROM django_migrations ORDER BY id LIMIT 1").fetchone()
        return " ".join(map(str, row))

    def tables(self) -> set[str]:
        names = self.database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return {name for (name,) in names}

    def last_numbers(self) -> dict[str, int]:
        """Return the last number that each table has given to a row, which may be gone."""
        return dict(self.database.execute("SELECT name, seq FROM sqlite_sequence"))

    def series_of(self, table: Table) -> Iterator[Series]:
        """Yield the stations and fields of a table, and look at one row of each."""
        last: Series = (-1, -1)
        ask = f"SELECT station_id, field FROM {table.name} WHERE (station_id, field) > (?, ?)"  # noqa: S608 - our names
        while row := self.database.execute(f"{ask} ORDER BY station_id, field LIMIT 1", last).fetchone():
            last = row[0], row[1]
            yield last

    def editions(self) -> dict[Series, int]:
        """Return the editions of fields: each is another one after any change but a newest reading."""
        rows = self.database.execute("SELECT station_id, number, edition FROM stations_field")
        return {(station, number): edition for station, number, edition in rows}

    def pieces(
        self, table: Table, series: Series | None = None, after: Key | None = None
    ) -> Iterator[tuple[Key | None, list[Row], Key | None]]:
        """Yield rows in the order of their keys, between the key before the first and the last one's.

        The last piece has an open end. Nothing is held between two pieces: whoever writes goes on.
        """
        while True:
            raw = self._rows_after(table, series, after)
            until = self._key(table, raw[-1]) if len(raw) == table.rows_at_once else None
            yield after, [tuple(map(from_sqlite, table.columns, row)) for row in raw], until
            if until is None:
                return
            after = until

    def _rows_after(self, table: Table, series: Series | None, after: Key | None) -> list[Row]:
        names = ", ".join(_quoted(each.name) for each in table.columns)
        key = ", ".join(map(_quoted, table.key))
        wanted, values = [], [*(series or ())]
        if series:
            wanted.append("station_id = ? AND field = ?")
        if after is not None:
            columns, after = (table.key[2:], after[2:]) if series else (table.key, after)
            wanted.append(f"({', '.join(map(_quoted, columns))}) > ({', '.join('?' * len(columns))})")
            values += after
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        ask = f"SELECT {names} FROM {_quoted(table.name)}{where} ORDER BY {key} LIMIT {table.rows_at_once}"  # noqa: S608
        return self.database.execute(ask, values).fetchall()

    @staticmethod
    def _key(table: Table, row: Row) -> Key:
        names = [each.name for each in table.columns]
        return tuple(row[names.index(name)] for name in table.key)


def _quoted(name: str) -> str:
    return f'"{name}"'
