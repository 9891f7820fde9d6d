"""Questions about readings as they were stored."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import models

from freetemp.fields import from_millis
from readings.models.rollup import Quarter
from readings.summaries import SummaryQuerySet
from stations.models import Station

ReadingT = TypeVar("ReadingT", bound=models.Model)


class HistoryQuerySet(SummaryQuerySet[ReadingT]):
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
