"""The statements that write and look up raw readings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import IntegrityError, transaction

from freetemp.sql import ROWS_A_STATEMENT, Row, database, execute, execute_flat, execute_values
from readings.ingest.rows import RowKey, Rows
from readings.rollups.locks import Fields

FEW = 50

_INSERT = "INSERT INTO readings_reading (station_id, field, measured_at, value)"
_ARRAYS = "unnest(%s::int[], %s::smallint[], %s::bigint[], %s::float8[])"
_NEW_ARRAYS = f"{_INSERT} SELECT * FROM {_ARRAYS}"  # noqa: S608 - our names
_RETURNING = "ON CONFLICT DO NOTHING RETURNING station_id, field, measured_at"


def insert_readings(rows: Mapping[RowKey, float], *, are_new: bool = False) -> Collection[RowKey]:
    """Insert readings and return the keys of those that were new. A repeat keeps the first value.

    Call it in a transaction. With `are_new`, the caller expects no repeat: PostgreSQL then takes less time, and raises
    django.db.IntegrityError if there is one after all.
    """
    if database().vendor == "postgresql":
        return _insert_arrays(rows, are_new=are_new)
    parameters = [(*key, value) for key, value in rows.items()]
    if len(parameters) > FEW:
        # RETURNING costs SQLite a third of its speed, and every row is nearly always new.
        savepoint = transaction.savepoint()
        inserted = execute_values(f"{_INSERT} VALUES {{places}} ON CONFLICT DO NOTHING", parameters)
        if inserted.changed == len(parameters):
            transaction.savepoint_commit(savepoint)
            return rows.keys()
        transaction.savepoint_rollback(savepoint)
    inserted = execute_values(f"{_INSERT} VALUES {{places}} {_RETURNING}", parameters)
    return {(station, field, moment_ms) for station, field, moment_ms in inserted.returned}


def insert_new(new: Sequence[Rows]) -> None:
    """Insert readings that are surely new. django.db.IntegrityError is raised if one is not, perhaps by the commit.

    Call it in a transaction, which has to be given up then. Without ON CONFLICT, PostgreSQL writes each row once.
    """
    columns: list[list[Any]] = [
        [rows.station for rows in new for _ in rows.fields],
        [*chain.from_iterable(rows.fields for rows in new)],
        [*chain.from_iterable(rows.moments_ms for rows in new)],
        [*chain.from_iterable(rows.values for rows in new)],
    ]
    if database().vendor == "postgresql":
        execute(_NEW_ARRAYS, columns)
        return
    flat: list[Any] = [None] * (4 * len(columns[0]))
    for at, column in enumerate(columns):
        flat[at::4] = column
    execute_flat(f"{_INSERT} VALUES {{places}}", 4, flat)


def insert_if_new(new: Rows) -> bool:
    """Insert readings if all of them are new, as nearly always, and tell whether they are. Otherwise insert none."""
    execute("SAVEPOINT as_new", [])
    try:
        insert_new([new])
        execute("RELEASE SAVEPOINT as_new", []).wait()
    except IntegrityError:
        execute("ROLLBACK TO SAVEPOINT as_new", [])
        return False
    return True


def are_later(rows: Collection[RowKey], fields: Fields) -> bool:
    """Tell whether all rows are later than what their fields have, and so nearly certainly new."""
    if any(state.is_treated for state in fields.values()):
        return False
    return all(moment_ms > fields[station, number].newest_ms for station, number, moment_ms in rows)


def _insert_arrays(rows: Mapping[RowKey, float], *, are_new: bool) -> Collection[RowKey]:
    """Insert through arrays: psycopg takes longer to read thousands of placeholders than PostgreSQL to insert."""
    if not rows:
        return rows.keys()
    columns = [*map(list, zip(*rows, strict=True)), list(rows.values())]
    if are_new:  # ON CONFLICT writes each row twice: first as one that may be withdrawn.
        execute(_NEW_ARRAYS, columns)
        return rows.keys()
    done = execute(f"{_NEW_ARRAYS} {_RETURNING}", columns)
    return {(station, field, moment_ms) for station, field, moment_ms in done.returned}


def stored_values(keys: Collection[RowKey]) -> dict[RowKey, float]:
    """Return the values of those readings that are stored, by their keys."""
    found: dict[RowKey, float] = {}
    for part in _parts(list(keys)):
        found |= {(station, field, moment_ms): value for station, field, moment_ms, value in _stored(part)}
    return found


_LOOK_UP = "SELECT r.station_id, r.field, r.measured_at, r.value FROM"
_BY_KEY = "readings_reading r ON (r.station_id, r.field, r.measured_at) = (k.station_id, k.field, k.measured_at)"


def _stored(keys: Sequence[RowKey]) -> list[Row]:
    if database().vendor == "postgresql":
        columns = [[key[part] for key in keys] for part in range(3)]
        arrays = "unnest(%s::int[], %s::smallint[], %s::bigint[]) AS k (station_id, field, measured_at)"
        return execute(f"{_LOOK_UP} {arrays} JOIN {_BY_KEY}", columns).returned
    # CROSS JOIN keeps SQLite's planner from reading all readings first.
    places = ", ".join(["(%s, %s, %s)"] * len(keys))
    asked = f"WITH k (station_id, field, measured_at) AS (VALUES {places}) {_LOOK_UP} k CROSS JOIN {_BY_KEY}"
    return execute(asked, [part for key in keys for part in key]).returned


def _parts(keys: list[RowKey]) -> Iterator[list[RowKey]]:
    for at in range(0, len(keys), ROWS_A_STATEMENT):
        yield keys[at : at + ROWS_A_STATEMENT]


def moments_from(station: int, field: int, start_ms: int, limit: int = 1_000) -> set[int]:
    """Return the moments of a field's readings from a moment on, in Unix milliseconds."""
    done = execute(
        "SELECT measured_at FROM readings_reading WHERE station_id = %s AND field = %s AND measured_at >= %s"
        " ORDER BY measured_at LIMIT %s",
        [station, field, start_ms, limit],
    )
    return {moment_ms for (moment_ms,) in done.returned}
