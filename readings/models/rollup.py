"""Summaries of readings, stored beside them: a page's cost depends on its width in pixels, not on its years."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import connection, models
from django.db.models.functions import Cast

from freetemp.fields import EpochMillisField
from freetemp.sql import database, execute_values
from readings.calendar.span import Span
from readings.models.summary import SummaryQuerySet, Total
from stations.models import Field, Station

RollupT = TypeVar("RollupT", bound="Rollup")
RollupKey = tuple[int, int, int]  # station, field, start in Unix milliseconds

_SUM = '{table}."{name}" + excluded."{name}"'
_OF_BOTH = {
    "min": 'CASE WHEN excluded."min" < {table}."min" THEN excluded."min" ELSE {table}."min" END',
    "max": 'CASE WHEN excluded."max" > {table}."max" THEN excluded."max" ELSE {table}."max" END',
}


class RollupQuerySet(SummaryQuerySet[RollupT]):
    moment, low, high = "start", '"min" <= wanted.value', '"max" >= wanted.value'
    total = 'sum(count), sum("sum"), min("min"), max("max")'
    # The columns beside the key, and the tuple that holds them.
    columns: ClassVar[Sequence[str]] = ("count", "sum", "min", "max")
    totals_are: ClassVar[Callable[..., Any]] = Total

    def add(self, totals: Mapping[RollupKey, Any]) -> None:
        """Add totals to the stored ones. Call it in the transaction that stores their readings."""
        self._insert(totals, _upsert(self.model._meta.db_table, tuple(self.columns), is_adding=True))

    def replace(self, totals: Mapping[RollupKey, Any], gone: Collection[RollupKey] = ()) -> None:
        """Replace stored totals, and delete the rollups in `gone`, all of one field."""
        starts = [start_ms for _, _, start_ms in gone]
        for station, field in {key[:2] for key in gone}:
            self.filter(station=station, field=field, start__in=starts)._raw_delete(self.db)
        self._insert(totals, _upsert(self.model._meta.db_table, tuple(self.columns), is_adding=False))

    def by_start(self, station: int, field: int, span: Span) -> dict[RollupKey, Any]:
        rows = self.within(span).filter(station=station, field=field)
        values = rows.values_list(Cast("start", models.BigIntegerField()), *self.columns)
        return {(station, field, start_ms): self.totals_are(*total) for start_ms, *total in values}

    def counted_since(self, starts: Mapping[Field, int]) -> dict[int, tuple[int, int]]:
        """Return the number of readings that each field has since its moment, and the start of its first rollup.

        The keys are station ids: each station has one field here. Moments are in Unix milliseconds.
        """
        seek = f"FROM {self.model._meta.db_table} AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
        statement = (
            "WITH wanted (station, field, since) AS (VALUES {places}) SELECT station,"  # noqa: S608 - our names
            f" (SELECT sum(count) {seek} AND t.start >= wanted.since), (SELECT min(start) {seek}) FROM wanted"
        )
        rows = [(field.station_id, field.number, since_ms) for field, since_ms in starts.items()]
        counted = execute_values(statement, rows).returned
        return {station: (count or 0, first_ms) for station, count, first_ms in counted if first_ms is not None}

    def in_spans(self, wanted: Sequence[tuple[int, int, Span]]) -> list[tuple[RollupKey, Any]]:
        """Return the rollups of some (station, field, span), in no order."""
        seek = f"SELECT start, {', '.join(map(_quoted, self.columns))} FROM {self._of_wanted()}"  # noqa: S608 - our names
        is_postgresql = database().vendor == "postgresql"
        found = f"LATERAL ({seek}) AS found" if is_postgresql else self._of_wanted()
        columns = "found.*" if is_postgresql else ", ".join(["start", *map(_quoted, self.columns)])
        statement = (
            "WITH wanted (station, field, first, after) AS (VALUES {places})"  # noqa: S608 - our names
            f" SELECT wanted.station, wanted.field, {columns} FROM wanted CROSS JOIN {found}"
        )
        spans = [(station, field, *span) for station, field, span in wanted]
        rows = execute_values(statement, spans, self._types(("station", "field", "start", "start"))).returned
        return [((station, field, start_ms), self.totals_are(*total)) for station, field, start_ms, *total in rows]

    def totals_of(self, wanted: Mapping[int, tuple[int, int, Span]]) -> dict[int, Total]:
        """Return the totals of some (station, field, span), by the numbers under which they are asked for."""
        return {number: Total(*total) for number, total in self.by_number(self.total, wanted).items()}

    def by_number(self, columns: str, wanted: Mapping[int, tuple[int, int, Span]]) -> dict[int, list[Any]]:
        """Return columns, the first of which is a count, of some numbered (station, field, span) that have rows."""
        rows = [(station, field, number, *span) for number, (station, field, span) in wanted.items()]
        statement = (
            "WITH wanted (station, field, number, first, after) AS (VALUES {places})"
            f" SELECT wanted.field, wanted.number, {self.summed_up(columns)}"
        )
        types = ("integer", "integer", "integer", "bigint", "bigint")
        found = execute_values(statement, rows, types).returned
        return {number: rest for _, number, *rest in found if rest[0]}

    def _insert(self, totals: Mapping[RollupKey, Any], statement: str) -> None:
        rows = [(*key, *total) for key, total in sorted(totals.items())]  # Sorted: writers lock in the same order.
        execute_values(statement, rows, self._types(("station", "field", "start", *self.columns)))

    def _types(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the types that columns have in this kind of database."""
        return _types(self.model, columns, database().vendor)


@cache
def _types(model: type[models.Model], columns: tuple[str, ...], vendor: str) -> tuple[str, ...]:
    fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in columns]
    return tuple(cast(str, field.db_type(connection)) for field in fields)


@cache
def _upsert(table: str, columns: tuple[str, ...], *, is_adding: bool) -> str:
    """Return a statement that inserts rollups, and adds to those that are there or replaces them."""
    names = ", ".join(map(_quoted, columns))
    changes = [
        f"{_quoted(name)} = {_OF_BOTH.get(name, _SUM).format(table=table, name=name) if is_adding else new}"
        for name, new in ((name, f"excluded.{_quoted(name)}") for name in columns)
    ]
    return (
        f"INSERT INTO {table} (station_id, field, start, {names}) VALUES {{places}}"  # noqa: S608 - our names
        f" ON CONFLICT (station_id, field, start) DO UPDATE SET {', '.join(changes)}"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


class Rollup(models.Model):
    """A summary of a field's plausible readings from `start` on."""

    pk = models.CompositePrimaryKey("station", "field", "start")
    station = models.ForeignKey(Station, models.PROTECT, related_name="+", db_index=False)
    field = models.PositiveSmallIntegerField()
    start = EpochMillisField()

    class Meta:
        abstract = True

    @classmethod
    def rows(cls) -> RollupQuerySet[Self]:
        """Return all rollups of this width."""
        return cast("RollupQuerySet[Self]", cls._default_manager.all())


class TotalRollup(Rollup):
    """The count, sum, smallest and largest of some readings. Those of a counter count by what they added."""

    count = models.PositiveIntegerField()
    sum = models.FloatField()
    min = models.FloatField()
    max = models.FloatField()

    class Meta:
        abstract = True
