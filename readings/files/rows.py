"""A station's readings as a table, one row per moment and one column per field, read piece by piece for any length."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from copy import copy
from typing import NamedTuple

from freetemp.fields import to_millis
from freetemp.sql import execute
from readings.calendar.periods import Period
from readings.calendar.span import Span
from readings.models.counted import source, treated
from stations.models import Field

READINGS_A_PIECE = 2_000
FEWEST_A_FIELD = 100


class Piece(NamedTuple):
    """Some rows: their moments in Unix milliseconds, in order, and the values that each field has, by moment."""

    moments_ms: list[int]
    columns: list[dict[int, float]]


_READ = (
    "SELECT measured_at, value FROM {source} AS t WHERE station_id = %s AND field = %s"
    " AND measured_at >= %s AND measured_at < %s ORDER BY measured_at LIMIT %s"
)


def with_raw(fields: Sequence[Field]) -> list[Field]:
    """Return each field twice: as it counts, and as it was measured."""
    return [each for field in fields for each in (field, _raw(field))]


def _raw(field: Field) -> Field:
    raw = copy(field)
    raw.name, raw.is_treated = f"{field.name} raw", False
    return raw


def pieces(fields: Sequence[Field], period: Period) -> Iterator[Piece]:
    """Yield the rows of some fields of one station in order of time, in pieces of about 2,000 readings.

    Each piece is read by its own statements, which continue after the last key. Nothing stays open between them,
    neither a cursor nor a transaction: a client that takes an hour for a file keeps neither SQLite from emptying its
    log nor PostgreSQL from clearing away old rows. A reading that is stored meanwhile is in the file if the file has
    not yet passed its moment.
    """
    most = max(FEWEST_A_FIELD, READINGS_A_PIECE // max(1, len(fields)))
    order, start_ms, last_ms = list(enumerate(fields)), to_millis(period.start), to_millis(period.end)
    while order and start_ms < last_ms:
        end_ms, found = last_ms, dict[int, list[tuple[int, float]]]()
        for column, field in order:
            statement = _READ.format(source=source(field.station_id, treated([field]), Span(start_ms, end_ms)))
            part = execute(statement, [field.station_id, field.number, start_ms, end_ms, most]).returned
            found[column] = part
            if len(part) == most:
                end_ms = part[-1][0] + 1  # This field may have more after it.
        columns = [dict(found[column]) for column in range(len(fields))]
        moments_ms = sorted(set[int]().union(*columns))
        yield Piece(moments_ms[: bisect_left(moments_ms, end_ms)], columns)
        start_ms = end_ms
        order.sort(key=lambda each: -len(found[each[0]]))  # The densest first: it sets where the others stop.
