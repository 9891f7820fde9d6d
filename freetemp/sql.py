"""Our own SQL statements, where Django's would return too little or cost more than the database.

On SQLite they go directly to the driver: Django's cursors take three times as long as a report's statements. If
queries are logged, as in tests and with DEBUG, they go through Django all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connections
from django.db.utils import DEFAULT_DB_ALIAS

ROWS_A_STATEMENT = 500

Row = tuple[Any, ...]


class Executed(NamedTuple):
    """The result of statements: the number of changed rows, and the returned rows."""

    changed: int
    returned: list[Row]


def execute(statement: str, parameters: Sequence[Any]) -> Executed:
    """Execute a statement with %s for its parameters. Raises django.db.Error."""
    db = connections[DEFAULT_DB_ALIAS]
    if db.vendor == "sqlite" and not db.queries_logged:
        db.ensure_connection()
        with db.wrap_database_errors:
            done = db.connection.execute(_in_sqlite(statement), parameters)
            return Executed(done.rowcount, done.fetchall())
    with db.cursor() as cursor:
        cursor.execute(statement, parameters)
        return Executed(cursor.rowcount, cursor.fetchall() if cursor.description else [])


def execute_for_each(statement: str, rows: Sequence[Row]) -> None:
    """Execute a statement that returns nothing once for each row of parameters."""
    db = connections[DEFAULT_DB_ALIAS]
    if db.vendor == "sqlite" and not db.queries_logged:
        db.ensure_connection()
        with db.wrap_database_errors:
            db.connection.executemany(_in_sqlite(statement), rows)
    else:
        with db.cursor() as cursor:
            cursor.executemany(statement, rows)


def execute_values(statement: str, rows: Sequence[Row]) -> Executed:
    """Execute a statement in which `{places}` stands for rows of values, as many times as necessary."""
    changed, returned = 0, list[Row]()
    for at in range(0, len(rows), ROWS_A_STATEMENT):
        part = rows[at : at + ROWS_A_STATEMENT]
        done = execute(_with_places(statement, len(part), len(part[0])), [each for row in part for each in row])
        changed += done.changed
        returned += done.returned
    return Executed(changed, returned)


@lru_cache(maxsize=1024)
def placeholders(count: int) -> str:
    return ", ".join(["%s"] * count)


@lru_cache(maxsize=256)
def _with_places(statement: str, rows: int, columns: int) -> str:
    return statement.format(places=", ".join([f"({placeholders(columns)})"] * rows))


@lru_cache(maxsize=256)
def _in_sqlite(statement: str) -> str:
    return statement.replace("%s", "?").replace("%%", "%")
