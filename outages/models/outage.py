"""Outages of stations: from the last report before one to the first report after it, with its cause."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from freetemp.fields import EpochMillisField, to_millis
from outages.causes import Cause, Verdict
from outages.rhythm import TOGETHER
from stations.models import Station


class Evidence(models.TextChoices):
    """What a station's own board has shown: it measured all along, or started anew, or did neither."""

    NONE = "", "none"
    LATE = "late", "its readings arrived late"
    ANEW = "anew", "it started anew"
    SAME = "same", "it did not start anew"


class OutageQuerySet(models.QuerySet["Outage"]):
    def open(self) -> OutageQuerySet:
        return self.filter(ended_at=None)

    def due(self, at: datetime) -> OutageQuerySet:
        """Return those whose cause is to be weighed now, the newest first: a history that was found can wait."""
        return self.filter(weigh_at__lte=at).order_by("-weigh_at", "-pk")

    def overlapping(self, start: datetime, end: datetime) -> OutageQuerySet:
        """Return those that were not over before a time, and began in it at the latest, in order."""
        not_over = Q(ended_at=None) | Q(ended_at__gt=start)
        return self.filter(not_over, began_at__lt=end).order_by("began_at", "pk")

    def covering(self, start: datetime, end: datetime) -> OutageQuerySet:
        """Return those that began before a time, and were not over when it ended."""
        return self.overlapping(end, start)

    def lost_with(self, station: Station, began_at: datetime) -> OutageQuerySet:
        """Return the outages of others that may have begun at the same moment as one of a station.

        Each was lost between its last report and the next one that it owed. Those spans have to come within a minute.
        """
        interval = timedelta(seconds=station.interval_s)
        slack = TOGETHER / 2
        theirs = F("station__interval_s") * 1000
        others = self.exclude(station=station).annotate(
            own_ms=models.ExpressionWrapper(F("began_at") + theirs, output_field=models.BigIntegerField())
        )
        return others.filter(began_at__lte=began_at + interval + slack, own_ms__gte=to_millis(began_at - slack))


class Outage(models.Model):
    """A time without reports that is longer than usual for its station."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="outages")
    began_at = EpochMillisField("last report", db_index=True)
    ended_at = EpochMillisField("first report after it", null=True, db_index=True)
    was_watched = models.BooleanField(
        "seen as it happened", default=True, help_text="No: found later, by the readings that are missing."
    )
    was_heard = models.BooleanField(default=False, help_text="Its board was heard, and said that its sensor fails.")
    expected = models.PositiveIntegerField(default=0, help_text="Readings of a field that were due in it.")
    arrived = models.PositiveIntegerField("arrived late", default=0, help_text="Those of them that came after it.")
    evidence = models.CharField(max_length=4, blank=True, choices=Evidence.choices)
    reset_cause = models.PositiveSmallIntegerField(null=True, help_text="As machine.reset_cause() of the board has it.")
    rssi = models.SmallIntegerField("signal", null=True, help_text="dBm, around its beginning.")
    cause = models.CharField(max_length=10, choices=Cause.choices, default=Cause.UNKNOWN)
    is_sure = models.BooleanField("sure", default=False)
    # Including itself. Of stations that are not public viewers are told nothing, not even their number.
    together = models.PositiveSmallIntegerField(default=1, help_text="Stations that were lost at the same moment.")
    of = models.PositiveSmallIntegerField(default=1, help_text="Stations that had reported until then.")
    public_together = models.PositiveSmallIntegerField(default=1)
    public_of = models.PositiveSmallIntegerField(default=1)
    weigh_at = EpochMillisField(null=True, db_index=True, editable=False)

    objects = OutageQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        indexes = [models.Index(fields=["station", "began_at"], name="outage_of_station")]
        constraints = [
            models.UniqueConstraint(fields=["station"], name="outage_open_once", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.station} from {self.began_at:%Y-%m-%d %H:%M} UTC"

    def length(self, at: datetime) -> timedelta:
        """Return how long it was, or has been until a moment."""
        return (self.ended_at or at) - self.began_at

    def judge(self, verdict: Verdict) -> None:
        self.cause, self.is_sure = verdict
