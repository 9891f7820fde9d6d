"""Incidents: a trouble of a station, from its beginning to its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from alerts.models.kinds import Kind
from alerts.models.rule import Rule
from freetemp.fields import EpochMillisField
from stations.models import Field, Station
from stations.models.station import MOST_OF_A_TROUBLE

REMEMBERED = timedelta(days=8)


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> IncidentQuerySet:
        return self.filter(ended_at=None)

    def lately(self, at: datetime) -> IncidentQuerySet:
        """Return the incidents of which something may have to be told: open ones, and those that ended lately."""
        lately = self.filter(Q(ended_at=None) | Q(ended_at__gte=at - REMEMBERED))
        return lately.select_related("rule", "station", "field__station").order_by("began_at", "pk")


class Incident(models.Model):
    """A trouble by a rule. A silence begins with the last report, a limit with the first value beyond it."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="incidents")
    station = models.ForeignKey(Station, models.CASCADE, related_name="incidents")
    field = models.ForeignKey(Field, models.CASCADE, null=True, related_name="incidents")
    began_at = EpochMillisField("began", db_index=True)
    found_at = EpochMillisField("found")
    ended_at = EpochMillisField("ended", null=True, db_index=True)
    value = models.FloatField(null=True, help_text="The value furthest beyond the limit, in the field's unit.")
    detail = models.CharField(
        max_length=MOST_OF_A_TROUBLE, blank=True, default="", help_text="What the board says, or which record it is."
    )
    dropped = models.BooleanField(
        default=False, help_text="It ended because nobody minds any more: its rule is off, or the station has a rest."
    )
    acknowledged_at = EpochMillisField("acknowledged", null=True)
    acknowledged_by = models.CharField(max_length=80, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "station"], name="incident_open_once", condition=Q(ended_at=None, field=None)
            ),
            models.UniqueConstraint(
                fields=["rule", "field"], name="incident_of_field_open_once", condition=Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        if self.rule.field_id is not None:
            return str(self.rule)
        of_field = f": {self.field.name}" if self.field else ""
        return f"{self.station} {Kind(self.rule.kind).label}{of_field}"

    @property
    def trouble(self) -> tuple[int, int, int | None]:
        """Return what this is about: another incident of the same trouble is the same come again."""
        return self.rule_id, self.station_id, self.field_id

    def end(self, at: datetime, *, dropped: bool = False) -> None:
        """End it, or drop it since nobody minds any more."""
        self.ended_at, self.dropped = at, dropped
        self.save(update_fields=["ended_at", "dropped"])

    @property
    def is_silence(self) -> bool:
        return self.rule.kind == Kind.SILENT
