"""The ledger of sensors: what hung where, from when to when, and how its values are corrected."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from readings.models.set_aside import State, Treatment


def formula(factor: float, offset: float) -> str:
    """Return a correction as people write it, like “value * 1.02 - 0.4”."""
    sign = "-" if offset < 0 else "+"
    return f"value * {factor:.10g} {sign} {abs(offset):.10g}"


class SensorQuerySet(models.QuerySet["Sensor"]):
    def active(self) -> SensorQuerySet:
        return self.filter(state=State.ACTIVE)


class Sensor(Treatment):
    """One sensor of a field while it hung. What counts is value * factor + offset, in the field's unit.

    No two active ones of a field overlap.
    """

    field = models.PositiveSmallIntegerField(help_text="The station's field by its number.")
    model = models.CharField(max_length=60, help_text="What hung there, like BME280.")
    serial = models.CharField(max_length=60, blank=True, default="")
    factor = models.FloatField(default=1.0)
    offset = models.FloatField(default=0.0)
    followed = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose place it took.",
    )

    objects = SensorQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "sensors and their calibration"
        indexes = [models.Index(fields=["station", "state", "start"], name="sensor_by_station")]
        constraints = [
            models.CheckConstraint(name="sensor_ends_later", condition=Q(end=None) | Q(end__gt=F("start"))),
            models.CheckConstraint(name="sensor_factor_not_zero", condition=~Q(factor=0)),
        ]

    def __str__(self) -> str:
        since = self.start.astimezone(self.station.zone)
        return f"{self.model}: field {self.field} of {self.station} from {since:%Y-%m-%d %H:%M}"

    @property
    def corrects(self) -> bool:
        return (self.factor, self.offset) != (1.0, 0.0)
