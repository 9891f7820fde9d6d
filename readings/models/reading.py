"""The measurements of stations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from freetemp.fields import EpochMillisField, from_millis
from readings.calendar.span import Span
from readings.models.counted import narrowed, source, treated
from readings.models.quarter import Quarter
from readings.models.summary import SummaryQuerySet
from stations.models import Field, Station


class ReadingQuerySet(SummaryQuerySet["Reading"]):
    """Readings, each by its own moment and value."""

    moment = "measured_at"
    each = "value, value, value"
    every = "sum(value) / count(*), min(value), max(value)"
    total = "count(*), sum(value), min(value), max(value)"
    low = high = "t.value = wanted.value"
    plausible = "AND value >= {} AND value <= {}"

    def table(self, fields: Iterable[Field], span: Span) -> str:
        """Return SQL for the readings that count."""
        found = treated(fields := list(fields))
        return source(fields[0].station_id, found, span) if found else self.model._meta.db_table

    def _of_one(self, select: str, parameters: Sequence[float], of: Field, span: Span, rest: str) -> list[Any]:
        span = narrowed(of.station_id, of.number, span) if of.is_treated else span
        return super()._of_one(select, parameters, of, span, rest)

    def span(self, station: Station) -> tuple[datetime, datetime] | None:
        """Return the moments of a station's first and last readings, looked up field by field through the primary key.

        If a retention has removed the first reading, its quarter's start takes its place, and so it does in a field
        that has some set aside.
        """
        newest = {field.number: field.newest_at for field in station.fields.all() if field.newest_at}
        counted = [field.number for field in station.fields.all() if field.newest_at and field.is_treated]
        by_quarter = newest if station.raw_since else counted
        firsts = [
            self.first_ms(station, newest.keys() - counted),
            Quarter.objects.first_ms(station, by_quarter),
        ]
        known = [first_ms for first_ms in firsts if first_ms is not None]
        return (from_millis(min(known)), max(newest.values())) if known else None


class Reading(models.Model):
    """The value that one field of a station measured at one moment."""

    # It serves every query, makes a repeat harmless, and is the key that a partitioned table needs.
    pk = models.CompositePrimaryKey("station", "field", "measured_at")
    # PROTECT: a slip in the admin must not delete years. It has no own index: the primary key begins with it.
    station = models.ForeignKey(Station, models.PROTECT, related_name="readings", db_index=False)
    field = models.PositiveSmallIntegerField(help_text="The station's field by its number.")
    measured_at = EpochMillisField()
    value = models.FloatField(help_text="In the field's unit.")

    objects = ReadingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} field {self.field} at {self.measured_at}: {self.value}"
