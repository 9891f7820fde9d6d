"""Statements over many rows, where Django's own tell too little or cost too much."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, transaction

ROWS_A_STATEMENT = 500
FEW = 50

RowKey = tuple[int, int, int]  # station, field, moment in Unix milliseconds

_INSERT = "INSERT INTO readings_reading (station_id, field, measured_at, value)"
_ARRAYS = "unnest(%s::int[], %s::smallint[], %s::bigint[], %s::float8[])"
_RETURNING = "ON CONFLICT DO NOTHING RETURNING station_id, field, measured_at"


class Executed(NamedTuple):
    """What statements over many rows did: how many they changed, and what they returned."""

    changed: int
    returned: list[tuple[Any, ...]]


@lru_cache(maxsize=1024)
def placeholders(count: int) -> str:
    return ", ".join(["%s"] * count)


def execute_values(statement: str, rows: Sequence[tuple[Any, ...]]) -> Executed:
    """Execute a statement whose `{places}` stands for rows of values, as often as it takes."""
    changed, returned = 0, list[tuple[Any, ...]]()
    with connection.cursor() as cursor:
        for at in range(0, len(rows), ROWS_A_STATEMENT):
            part = rows[at : at + ROWS_A_STATEMENT]
            places = ", ".join([f"({placeholders(len(part[0]))})"] * len(part))
            cursor.execute(statement.format(places=places), [each for row in part for each in row])
            returned += cursor.fetchall() if cursor.description else []
            changed += cursor.rowcount
    return Executed(changed, returned)


def insert_readings(rows: Mapping[RowKey, float]) -> Collection[RowKey]:
    """Insert readings and return the keys of those that were new: of a repeat, the first value stays.

    Call it in a transaction.
    """
    if connection.vendor == "postgresql":
        return _insert_arrays(rows)
    parameters = [(*key, value) for key, value in rows.items()]
    if len(parameters) > FEW:
        # RETURNING costs SQLite a third of its speed, and nearly always every row is new.
        savepoint = transaction.savepoint()
        inserted = execute_values(f"{_INSERT} VALUES {{places}} ON CONFLICT DO NOTHING", parameters)
        if inserted.changed == len(parameters):
            transaction.savepoint_commit(savepoint)
            return rows.keys()
        transaction.savepoint_rollback(savepoint)
    inserted = execute_values(f"{_INSERT} VALUES {{places}} {_RETURNING}", parameters)
    return {(station, field, moment_ms) for station, field, moment_ms in inserted.returned}


def _insert_arrays(rows: Mapping[RowKey, float]) -> set[RowKey]:
    """Insert through arrays: psycopg takes longer to read thousands of placeholders than PostgreSQL to insert."""
    keys = list(rows)
    columns = [[key[part] for key in keys] for part in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_INSERT} SELECT * FROM {_ARRAYS} {_RETURNING}",  # noqa: S608 - our names
            [*columns, list(rows.values())],
        )
        return {(station, field, moment_ms) for station, field, moment_ms in cursor.fetchall()}


def moments_from(station: int, field: int, start_ms: int, limit: int = 1_000) -> set[int]:
    """Return the moments at which a field has readings, from one on, in Unix milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT measured_at FROM readings_reading WHERE station_id = %s AND field = %s AND measured_at >= %s"
            " ORDER BY measured_at LIMIT %s",
            [station, field, start_ms, limit],
        )
        return {moment_ms for (moment_ms,) in cursor.fetchall()}
