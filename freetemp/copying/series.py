"""Copies readings and rollups, by station and field: after the first time, only what has changed.

A field has another edition after any change of its readings or rollups, except for a newest reading, which comes behind
those that are there. So a field of the same edition is copied on from its last row.
"""

from __future__ import annotations

from collections.abc import Callable

from freetemp.copying.pieces import adjust
from freetemp.copying.source import Key, Series, Source
from freetemp.copying.tables import Table
from freetemp.copying.target import Target

READINGS = "readings_reading"
# A newest reading changes the rollups it belongs to: a quarter, and a day, which may have been the day before's.
ROLLUPS_AGAIN_MS = 3 * 86_400_000

Show = Callable[[int], object]  # rows that were looked at


def copy_series(source: Source, target: Target, table: Table, show: Show) -> int:
    """Copy a table's fields, and return the number of rows that were copied or compared."""
    editions = source.editions()
    found, count = set(), 0
    for series in source.series_of(table):
        found.add(series)
        count += copy_one(source, target, table, series, editions.get(series), show)
    for name in [name for name in target.notes if name.startswith(f"{table.name}/")]:
        station, field = map(int, name.split("/")[1:])
        if (station, field) not in found:
            remove(target, table, (station, field))
    return count


def copy_one(
    source: Source, target: Target, table: Table, series: Series, edition: int | None, show: Show, *, anew: bool = False
) -> int:
    """Copy a field on from where it was, or compare it from its beginning if it has changed."""
    name = f"{table.name}/{series[0]}/{series[1]}"
    noted, until_ms = target.notes.get(name) or (None, None)
    after: Key | None = None
    count = 0
    if not anew and noted == edition and until_ms is not None and edition is not None:
        after = (*series, until_ms - (1 if table.name == READINGS else ROLLUPS_AGAIN_MS))
    for begin, rows, until in source.pieces(table, series, after):
        with target.connection.transaction():
            adjust(target, table, rows, target.rows(table, series, begin, until))
            if rows:
                last = dict(zip((each.name for each in table.columns), rows[-1], strict=True))[table.key[2]]
                target.note(name, [edition, last])
        show(len(rows))
        count += len(rows)
    return count


def remove(target: Target, table: Table, series: Series) -> None:
    """Remove the rows of a field that is gone."""
    with target.connection.transaction():
        target.connection.execute(
            f"DELETE FROM {table.name} WHERE station_id = %s AND field = %s".encode(),  # noqa: S608 - our names
            series,
        )
        target.forget(f"{table.name}/{series[0]}/{series[1]}")
