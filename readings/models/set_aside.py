"""Readings that are set aside: they stay as they were measured, and count for nothing until it is undone."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from freetemp.fields import EpochMillisField, to_millis
from readings.calendar.span import EVER, Span
from stations.models import Station


class State(models.TextChoices):
    """A proposal counts for nothing until it is accepted. Nothing is deleted: what was undone or refused stays."""

    PROPOSED = "proposed", "proposed"
    ACTIVE = "active", "active"
    REFUSED = "refused", "refused"
    UNDONE = "undone", "undone"


class Reason(models.TextChoices):
    SPIKE = "spike", "spike"
    SUN = "sun", "sensor in the sun"
    IMPORT = "import", "wrong import"
    MOVED = "moved", "moved"
    MAINTENANCE = "maintenance", "maintenance"
    # What the machine proposes, beside spikes:
    POWER_ON = "power_on", "value at power-on"
    RANGE = "range", "outside of what weather has"
    STUCK = "stuck", "the same for hours"
    WET = "wet", "wet sensor"
    NEIGHBOUR = "neighbour", "disagrees with its neighbours"
    OTHER = "other", "other"


class Treatment(models.Model):
    """What is said about a span of readings, by whom and when. Subclasses say what it does to them."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="+")
    start = EpochMillisField()
    end = EpochMillisField(null=True, blank=True, help_text="None: until further notice.")
    note = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    made_by = models.CharField(max_length=150, help_text="The user's name, or the program's.")
    made_at = EpochMillisField()
    decided_by = models.CharField(
        max_length=150, blank=True, default="", help_text="Whoever undid it, or took or refused it."
    )
    decided_at = EpochMillisField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def span(self) -> Span:
        return Span(to_millis(self.start), to_millis(self.end) if self.end else EVER.end_ms)

    def covers(self, at: datetime) -> bool:
        return self.state == State.ACTIVE and self.start <= at and (self.end is None or at < self.end)


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    def active(self) -> SetAsideQuerySet:
        return self.filter(state=State.ACTIVE)

    def maintenance(self, at: datetime) -> SetAsideQuerySet:
        """Return the marks by which whole stations are under maintenance at a moment, or will be."""
        return self.active().filter(Q(end=None) | Q(end__gt=at), reason=Reason.MAINTENANCE, field=None)


class SetAside(Treatment):
    """A mark: a field's readings of a span, or those of all fields, are set aside.

    With `below` or `above`, only raw values below the one or above the other are, as the board sent them: they stay the
    same ones whatever the calibration.
    """

    field = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Its number; none: all fields.")
    below = models.FloatField(null=True, blank=True)
    above = models.FloatField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason)

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        verbose_name = "readings set aside"
        verbose_name_plural = "set aside"
        indexes = [models.Index(fields=["station", "state", "start"], name="setaside_by_station")]
        constraints = [
            models.CheckConstraint(name="setaside_ends_later", condition=Q(end=None) | Q(end__gt=F("start"))),
        ]

    def __str__(self) -> str:
        what = "all fields" if self.field is None else f"field {self.field}"
        since = self.start.astimezone(self.station.zone)
        return f"{self.get_reason_display()}: {what} of {self.station} from {since:%Y-%m-%d %H:%M}"

    @property
    def limits(self) -> str:
        """Return which values are set aside, like “below -100 or above 60”, or nothing if all are."""
        below = [f"below {self.below:g}"] if self.below is not None else []
        above = [f"above {self.above:g}"] if self.above is not None else []
        return " or ".join([*below, *above])
