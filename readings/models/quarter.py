"""Quarters of an hour: the finest rollups. The mean of an hour is that of its quarters, each counting alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

from django.db import connection

from freetemp.fields import to_millis
from freetemp.sql import execute_values
from readings.calendar.span import HALF_HOUR_MS, HOUR_MS, Span, quarter_start_ms
from readings.models.rollup import RollupQuerySet, TotalRollup
from readings.models.summary import Row
from stations.models import Field


class QuarterQuerySet(RollupQuerySet["Quarter"]):
    each: ClassVar[str] = '"sum" / count, "min", "max"'
    every: ClassVar[str] = 'avg("sum" / count), min("min"), max("max")'

    def buckets(self, of: Field, span: Span, step_ms: int, shift_ms: int = 0) -> list[Row]:
        """Return buckets as SummaryQuerySet does. In those of several hours, each hour counts alike."""
        if step_ms <= HOUR_MS:
            return super().buckets(of, span, step_ms, shift_ms)
        hours = (
            f"SELECT (start + %s) / {HOUR_MS} AS hour,"
            ' avg("sum" / count) AS mean, min("min") AS low, max("max") AS high'
        )
        statement = f"SELECT hour / %s * %s, avg(mean), min(low), max(high) FROM ({hours}"  # noqa: S608 - our names
        parameters = [step_ms // HOUR_MS, step_ms, shift_ms]
        return self._of_one(statement, parameters, of, span, "GROUP BY 1) AS hours GROUP BY 1 ORDER BY 1")

    def half_hours(self, fields: Collection[Field], since: datetime, *, has_sums: bool = False) -> dict[int, list[Row]]:
        """Return the half hours of one field of each station, in order of time, by station id.

        The first begins with the quarter of `since`, so it may be only half as long. They have sums in place of means
        with `has_sums`.
        """
        every = 'sum("sum"), min("min"), max("max")' if has_sums else self.every
        # 500 stations have 24,000 rows; Django's own query takes three times as long to read them.
        statement = (
            "WITH wanted (station, field) AS (VALUES {places})"  # noqa: S608 - our names
            f" SELECT station, start / {HALF_HOUR_MS}, {every}"
            f" FROM wanted CROSS JOIN {self.model._meta.db_table} AS t"
            " WHERE t.station_id = wanted.station AND t.field = wanted.field"
            f" AND start >= {quarter_start_ms(to_millis(since))} GROUP BY 1, 2 ORDER BY 1, 2"
        )
        wanted = [(each.station_id, each.number) for each in fields]
        halves: dict[int, list[Row]] = {}
        for station, half, *summary in execute_values(statement, wanted).returned:
            halves.setdefault(station, []).append((half * HALF_HOUR_MS, *summary))
        return halves

    def with_most(self, wanted: Sequence[tuple[int, int, Span]]) -> tuple[float, int] | None:
        """Return the largest sum of a quarter in some (station, field, span), and the start of the first with it."""
        most = 'ORDER BY "sum" DESC, start LIMIT 1'
        found = f'SELECT "sum", start FROM {self._of_wanted()}'  # noqa: S608 - our names
        found = f"LATERAL ({found} {most}) AS found" if connection.vendor == "postgresql" else self._of_wanted()
        statement = (
            "WITH wanted (station, field, first, after) AS (VALUES {places})"  # noqa: S608 - our names
            f' SELECT "sum", start FROM wanted CROSS JOIN {found} {most}'
        )
        rows = execute_values(statement, [(station, field, *span) for station, field, span in wanted]).returned
        return min(((amount, start_ms) for amount, start_ms in rows), key=lambda row: (-row[0], row[1]), default=None)


class Quarter(TotalRollup):
    """A quarter of an hour of UTC: the finest rollup, which a retention keeps."""

    objects = QuarterQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} field {self.field}, quarter from {self.start}: {self.count}"
