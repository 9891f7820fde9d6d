"""Spans of a field whose rollups have still to follow what was set aside, restored or calibrated."""

from __future__ import annotations

from django.db import models

from readings.calendar.span import Span
from stations.models import Station


class Pending(models.Model):
    """Written in the transaction that changes what counts, and deleted once the rollups follow.

    Whatever interrupts them finds the rest here.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="+")
    field = models.PositiveSmallIntegerField()
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    done = models.FloatField(default=0.0, help_text="The share that is done, from 0 to 1.")

    def __str__(self) -> str:
        return f"{self.station} field {self.field}: {self.done:.0%}"

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)
