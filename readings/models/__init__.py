"""What stations have measured, its summaries, and what boards have sent already."""

from readings.models.boot import Boot
from readings.models.rejection import RefusedReport
from readings.models.rollup import Day, Quarter

from readings.models.reading import Reading, ReadingQuerySet  # isort: skip - it stores through the two above

__all__ = ["Boot", "Day", "Quarter", "Reading", "ReadingQuerySet", "RefusedReport"]
