"""Makes rows of PostgreSQL equal to those of SQLite, piece by piece, and changes nothing that is equal already."""

from __future__ import annotations

from freetemp.copying.source import Key, Row, Source
from freetemp.copying.tables import Table
from freetemp.copying.target import Target


def copy_rows(source: Source, target: Target, table: Table) -> int:
    """Make a whole table equal, and return the number of its rows.

    First all rows go that are others now, because one that comes may have what was unique to one of them.
    """
    for after, rows, until in source.pieces(table):
        gone, _ = differences(table, rows, target.rows(table, None, after, until))
        target.remove(table, gone)
    count = 0
    for after, rows, until in source.pieces(table):
        with target.connection.transaction():
            adjust(target, table, rows, target.rows(table, None, after, until))
        count += len(rows)
    return count


def is_equal(source: Source, target: Target, table: Table) -> bool:
    pieces = source.pieces(table)
    return not any(
        any(differences(table, rows, target.rows(table, None, after, until))) for after, rows, until in pieces
    )


def adjust(target: Target, table: Table, ours: list[Row], theirs: list[Row]) -> None:
    gone, new = differences(table, ours, theirs) if theirs else ([], ours)
    target.remove(table, gone)
    target.add(table, new)


def differences(table: Table, ours: list[Row], theirs: list[Row]) -> tuple[list[Key], list[Row]]:
    """Return the keys of rows that have to go, and the rows that have to come."""
    if ours == theirs:
        return [], []
    names = [each.name for each in table.columns]
    places = [names.index(name) for name in table.key]
    by_key, present = ({tuple(row[place] for place in places): row for row in rows} for rows in (ours, theirs))
    gone = [key for key, row in present.items() if by_key.get(key) != row]
    return gone, [row for key, row in by_key.items() if present.get(key) != row]
