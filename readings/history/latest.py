"""The latest readings of some fields as a table: one row per moment."""

from __future__ import annotations

from collections.abc import Sequence

from freetemp.sql import execute
from readings.calendar.span import Span
from readings.models.counted import source, treated
from stations.models import Field

Row = tuple[int, list[float | None]]

_READ = (
    "SELECT measured_at, value FROM {source} AS t WHERE station_id = %s AND field = %s"
    " AND measured_at >= %s AND measured_at < %s ORDER BY measured_at DESC LIMIT %s"
)


def latest_rows(fields: Sequence[Field], span: Span, most: int) -> list[Row]:
    """Return the last rows of a span in order of time: Unix milliseconds, and the value of each field or None.

    The fields are of one station. Each is looked up along the primary key, so a long history costs nothing.
    """
    columns: list[dict[int, float]] = []
    for field in fields:
        statement = _READ.format(source=source(field.station_id, treated([field]), span))
        found = execute(statement, [field.station_id, field.number, span.start_ms, span.end_ms, most]).returned
        columns.append(dict(found))
    moments_ms = sorted(set[int]().union(*columns))[-most:]
    return [(moment_ms, [column.get(moment_ms) for column in columns]) for moment_ms in moments_ms]
