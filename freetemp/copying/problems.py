"""Finds what SQLite holds and PostgreSQL would refuse, before anything is copied."""

from __future__ import annotations

from collections.abc import Iterator

from freetemp.copying.source import Row, Source
from freetemp.copying.tables import Column, Table
from freetemp.copying.values import fault_of

_TYPES = {"integer": "'integer'", "number": "'real', 'integer'"}


def problems_in(source: Source, tables: list[Table], *, with_series: bool = True) -> Iterator[str]:
    """Yield a sentence for each value or row. Readings and rollups are looked through only `with_series`."""
    known = {each.name for each in tables} | {"django_migrations"}
    for name in sorted(source.tables() - known):
        yield f"{name} is no table of freetemp: take it out of the database, or it would be lost."
    for table in tables:
        if table.is_series:
            yield from _in_series(source, table) if with_series else ()
        else:
            yield from _in_rows(source, table)
            yield from _dangling(source, table)


def _in_rows(source: Source, table: Table) -> Iterator[str]:
    names = ", ".join(f'"{each.name}"' for each in table.columns)
    for row in source.database.execute(f'SELECT {names} FROM "{table.name}"'):  # noqa: S608 - our names
        for column, value in zip(table.columns, row, strict=True):
            if fault := fault_of(column, value):
                yield f"{_place(table, row)}: {column.name} {fault}."


def _place(table: Table, row: Row) -> str:
    by_name = dict(zip((each.name for each in table.columns), row, strict=True))
    return f"{table.name}, row with {', '.join(f'{name} {_shown(by_name[name])}' for name in table.key)}"


def _shown(value: object) -> object:
    """Return a part of a key: one that is a text may be a secret, such as that of a session."""
    return f"{value[:6]}…" if isinstance(value, str) else value


def _in_series(source: Source, table: Table) -> Iterator[str]:
    """Yield those of a table of numbers. SQLite looks for them itself: there may be millions of rows."""
    names = ", ".join(f'"{each.name}"' for each in table.columns)
    wrong = " OR ".join(map(_is_wrong, table.columns))
    for row in source.database.execute(f'SELECT {names} FROM "{table.name}" WHERE {wrong}'):  # noqa: S608 - our names
        for column, value in zip(table.columns, row, strict=True):
            if fault := fault_of(column, value):
                yield f"{_place(table, row)}: {column.name} {fault}."
    stations = {number for (number,) in source.database.execute("SELECT id FROM stations_station")}
    for station in sorted({station for station, _ in source.series_of(table)} - stations):
        yield f"{table.name} has rows of station {station}, which is not there."


def _is_wrong(column: Column) -> str:
    is_other = f'typeof("{column.name}") NOT IN ({_TYPES[column.kind]})'
    if column.kind == "integer":
        is_other += f' OR "{column.name}" NOT BETWEEN {column.least} AND {column.most}'
    return f'("{column.name}" IS NOT NULL AND ({is_other}))'


def _dangling(source: Source, table: Table) -> Iterator[str]:
    names = ", ".join(f'"{each.name}"' for each in table.columns)
    for column in table.columns:
        if column.parent:
            parent, key = column.parent
            ask = (
                f'SELECT {names} FROM "{table.name}" AS child WHERE "{column.name}" IS NOT NULL AND NOT EXISTS'  # noqa: S608
                f' (SELECT 1 FROM "{parent}" AS parent WHERE parent."{key}" = child."{column.name}")'
            )
            for row in source.database.execute(ask):
                yield f"{_place(table, row)}: {column.name} names a row that is not in {parent}."
