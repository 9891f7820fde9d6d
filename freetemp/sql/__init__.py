"""Our own SQL statements, where Django's would return too little or cost more than the database.

On SQLite they go directly to the driver: Django's cursors take three times as long as a report's statements. On
PostgreSQL they go through Django, or within `few_waits()` through a pipeline. If queries are logged, as in tests and
with DEBUG, they go through Django all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS

from freetemp.sql.result import Executed, Row

if TYPE_CHECKING:
    from freetemp.sql.pipeline import Pipeline

__all__ = [
    "NOW_MS",
    "ROWS_A_STATEMENT",
    "Executed",
    "Row",
    "atomic",
    "atomic_without_disk",
    "database",
    "execute",
    "execute_flat",
    "execute_for_each",
    "execute_values",
    "few_waits",
    "for_writing",
    "one_of",
    "placeholders",
]

ROWS_A_STATEMENT = 500
# PostgreSQL's clock as it is when the statement gets there, not when its transaction began.
NOW_MS = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"


class _OfThread(threading.local):
    db: BaseDatabaseWrapper | None = None
    pipeline: Pipeline | None = None


_of_thread = _OfThread()


def database() -> BaseDatabaseWrapper:
    """Return the connection of this thread's statements.

    Within few_waits() it is the same all the time. Django takes 3 microseconds to find it, and a report asks 40 times.
    """
    return _of_thread.db or connections[DEFAULT_DB_ALIAS]


def for_writing(db: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """Return another connection to the same database, for the statements of reports and nothing else."""
    writer: Any = db.copy()
    writer.seeks_by_keys = True  # freetemp.postgresql reads it.
    return cast(BaseDatabaseWrapper, writer)


@contextmanager
def few_waits() -> Iterator[None]:
    """Let PostgreSQL get statements together: each waits until somebody asks for a result, its own or a later one's.

    So does the commit of a transaction that is begun with atomic() of this module. A statement's error is raised where
    somebody asks.
    """
    if _of_thread.db:
        yield
        return
    db = _of_thread.db = database()
    try:
        if db.vendor == "postgresql" and not db.queries_logged:
            with _pipelined(db):
                yield
        else:
            yield
    finally:
        _of_thread.db = None


@contextmanager
def _pipelined(db: BaseDatabaseWrapper) -> Iterator[None]:
    from freetemp.sql.pipeline import Pipeline  # The driver is only there where it is needed.

    pipeline = _of_thread.pipeline = Pipeline(db)
    try:
        with db.execute_wrapper(pipeline.before_django):
            yield
            pipeline.send()
    finally:
        _of_thread.pipeline = None


@contextmanager
def atomic() -> Iterator[None]:
    """Do what Django's atomic() does, with few waits within few_waits()."""
    pipeline = _of_thread.pipeline
    if pipeline is None:
        with transaction.atomic():
            yield
        return
    pipeline.send()
    with transaction.atomic():
        try:
            yield
        except BaseException:
            pipeline.forget()
            raise
        if pipeline.db.savepoint_ids:
            pipeline.send()
        elif not pipeline.db.needs_rollback:
            pipeline.commit()


@contextmanager
def atomic_without_disk() -> Iterator[None]:
    """Do what Django's atomic() does for what need not survive a power cut.

    Nobody waits for a disk then, or for another machine that keeps a copy. No other transaction is meant: a pooler may
    give the session to somebody else.
    """
    db = connections[DEFAULT_DB_ALIAS]
    is_outermost = not db.in_atomic_block
    if db.vendor == "sqlite" and is_outermost:
        execute("PRAGMA synchronous = NORMAL", [])
    try:
        with transaction.atomic():
            if db.vendor == "postgresql":
                execute("SET LOCAL synchronous_commit = off", [])
            yield
    finally:
        if db.vendor == "sqlite" and is_outermost:
            execute("PRAGMA synchronous = FULL", [])


def execute(statement: str, parameters: Sequence[Any]) -> Executed:
    """Execute a statement with %s for its parameters. Raises django.db.Error."""
    if _of_thread.pipeline:
        return _of_thread.pipeline.add(statement, parameters)
    db = database()
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
    if _of_thread.pipeline:
        for row in rows:
            _of_thread.pipeline.add(statement, row)
        return
    db = database()
    if db.vendor == "sqlite" and not db.queries_logged:
        db.ensure_connection()
        with db.wrap_database_errors:
            db.connection.executemany(_in_sqlite(statement), rows)
    else:
        with db.cursor() as cursor:
            cursor.executemany(statement, rows)


def execute_values(statement: str, rows: Sequence[Row], types: tuple[str, ...] = ()) -> Executed:
    """Execute a statement in which `VALUES {places}` stands for rows of values, as many times as necessary.

    With the types of the columns, PostgreSQL gets all rows at once, as arrays: that is quicker to read, and is one
    statement for any number of rows.
    """
    if types and rows and database().vendor == "postgresql":
        return execute(_with_arrays(statement, types), [list(column) for column in zip(*rows, strict=True)])
    return execute_flat(statement, len(rows[0]), list(chain.from_iterable(rows))) if rows else Executed()


def execute_flat(statement: str, columns: int, values: Sequence[Any]) -> Executed:
    """Execute a statement as execute_values() does, with all rows of so many columns in one sequence."""
    size = columns * ROWS_A_STATEMENT
    if len(values) <= size:
        return execute(_with_places(statement, len(values) // columns, columns), values)
    changed, returned = 0, list[Row]()
    for at in range(0, len(values), size):
        part = values[at : at + size]
        done = execute(_with_places(statement, len(part) // columns, columns), part)
        changed += done.changed
        returned += done.returned
    return Executed(changed, returned)


def one_of(values: Collection[Any]) -> tuple[str, list[Any]]:
    """Return SQL to put behind a column that has one of some values, and its parameters.

    On PostgreSQL it is the same for any number of values, and is prepared once.
    """
    if database().vendor == "postgresql":
        return "= ANY(%s)", [list(values)]
    return f"IN ({placeholders(len(values))})", list(values)


@lru_cache(maxsize=1024)
def placeholders(count: int) -> str:
    return ", ".join(["%s"] * count)


@lru_cache(maxsize=256)
def _with_places(statement: str, rows: int, columns: int) -> str:
    return statement.format(places=", ".join([f"({placeholders(columns)})"] * rows))


@lru_cache(maxsize=256)
def _with_arrays(statement: str, types: tuple[str, ...]) -> str:
    arrays = ", ".join(f"%s::{each}[]" for each in types)
    return statement.replace("VALUES {places}", f"SELECT * FROM unnest({arrays})").format()  # noqa: S608 - types


@lru_cache(maxsize=256)
def _in_sqlite(statement: str) -> str:
    return statement.replace("%s", "?").replace("%%", "%")
