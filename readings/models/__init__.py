"""The readings of stations, their summaries, and the sequence numbers that boards have sent already."""

from readings.models.boot import Boot
from readings.models.day import Day
from readings.models.quarter import Quarter
from readings.models.reading import Reading, ReadingQuerySet
from readings.models.refused_report import RefusedReport
from readings.models.stored_ahead import StoredAhead

__all__ = ["Boot", "Day", "Quarter", "Reading", "ReadingQuerySet", "RefusedReport", "StoredAhead"]
