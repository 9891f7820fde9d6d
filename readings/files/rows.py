"""A station's readings as a table: a row a moment and a column a field, read piece by piece for files of any length."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from freetemp.fields import to_millis
from freetemp.sql import execute
from readings.calendar.periods import Period
from stations.models import Field

READINGS_A_PIECE = 2_000
FEWEST_A_FIELD = 100


class Piece(NamedTuple):
    """Some rows: their moments in Unix milliseconds, in order, and each field's values by moment, where it has one."""

    moments_ms: list[int]
    columns: list[dict[int, float]]


_READ = (
    "SELECT measured_at, value FROM readings_reading WHERE station_id = %s AND field = %s"
    " AND measured_at >= %s AND measured_at < %s ORDER BY measured_at LIMIT %s"
)


def pieces(fields: Sequence[Field], period: Period) -> Iterator[Piece]:
    """Yield the rows of some fields of one station in the order of time, in pieces of about 2,000 readings.

    Each piece is read by statements of its own, which go on by the key behind the last. Between them nothing is open,
    neither a cursor nor a transaction: whoever takes an hour for a file neither keeps SQLite from emptying its log nor
    PostgreSQL from clearing away old rows. What is stored meanwhile is in the file where that has not come by yet.
    """
    most = max(FEWEST_A_FIELD, READINGS_A_PIECE // max(1, len(fields)))
    order, start_ms, last_ms = list(enumerate(fields)), to_millis(period.start), to_millis(period.end)
    while order and start_ms < last_ms:
        end_ms, found = last_ms, dict[int, list[tuple[int, float]]]()
        for column, field in order:
            part = execute(_READ, [field.station_id, field.number, start_ms, end_ms, most]).returned
            found[column] = part
            if len(part) == most:
                end_ms = part[-1][0] + 1  # Behind it this field may have more.
        columns = [dict(found[column]) for column in range(len(fields))]
        moments_ms = sorted(set[int]().union(*columns))
        yield Piece(moments_ms[: bisect_left(moments_ms, end_ms)], columns)
        start_ms = end_ms
        order.sort(key=lambda each: -len(found[each[0]]))  # The densest first: how far it goes, the others are read.
