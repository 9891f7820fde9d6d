"""What stations have measured."""

from django.db import models

from freetemp.fields import EpochMillisField
from readings.ingest import IngestQuerySet
from stations.models import Station


class ReadingQuerySet(IngestQuerySet["Reading"]):
    """All that can be asked of readings (querysets.py), and the two ways to add to them (ingest.py)."""


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
