"""What stations have measured."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from freetemp.fields import EpochMillisField, from_millis
from readings.models.rollup import Quarter
from readings.models.summary import SummaryQuerySet
from stations.models import Station


class ReadingQuerySet(SummaryQuerySet["Reading"]):
    """Readings, each by its own moment and value."""

    moment = "measured_at"
    each = "value, value, value"
    every = "sum(value) / count(*), min(value), max(value)"
    total = "count(*), sum(value), min(value), max(value)"
    low = high = "t.value = wanted.value"
    plausible = "AND value >= {} AND value <= {}"

    def span(self, station: Station) -> tuple[datetime, datetime] | None:
        """Return when a station's first and last readings were measured, field by field through the primary key.

        Where a retention has removed the first, it is the start of their quarter.
        """
        newest = {field.number: field.newest_at for field in station.fields.all() if field.newest_at}
        firsts = [
            self.first_ms(station, newest),
            Quarter.objects.first_ms(station, newest) if station.raw_since else None,
        ]
        known = [first_ms for first_ms in firsts if first_ms is not None]
        return (from_millis(min(known)), max(newest.values())) if known else None


class Reading(models.Model):
    """What one field of a station measured at one moment."""

    # Serves every query, makes a repeat harmless, and is what a partitioned table needs.
    pk = models.CompositePrimaryKey("station", "field", "measured_at")
    # PROTECT: a slip in the admin must not take years with it. No index of its own: the primary key begins with it.
    station = models.ForeignKey(Station, models.PROTECT, related_name="readings", db_index=False)
    field = models.PositiveSmallIntegerField(help_text="The station's field by its number.")
    measured_at = EpochMillisField()
    value = models.FloatField(help_text="In the field's unit.")

    objects = ReadingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} field {self.field} at {self.measured_at}: {self.value}"
