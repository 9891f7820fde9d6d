"""Quarters of an hour: the finest rollups. The mean of an hour is that of its quarters, each counting alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.db import connection

from freetemp.sql import execute_values
from readings.calendar.span import HOUR_MS, Span
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
