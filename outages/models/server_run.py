"""When this server was up, by its own record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models, transaction

from freetemp.fields import EpochMillisField
from stations.models.status import AHEAD

EVERY = timedelta(minutes=1)
# A restart is no pause, and neither is a minute in which the database was busy.
PAUSE = timedelta(seconds=150)
KEPT = 4000  # runs: ten years of a server that is switched off each night


class Off(NamedTuple):
    """A time in which this server was off, or could not write."""

    start: datetime
    end: datetime

    def within(self, start: datetime, end: datetime) -> timedelta:
        """Return how much of a time it covers."""
        return max(min(self.end, end) - max(self.start, start), timedelta())


class ServerRunQuerySet(models.QuerySet["ServerRun"]):
    def note(self, at: datetime) -> None:
        """Note that the server is up at a moment. All its processes, on any machine, write the same row."""
        with transaction.atomic():
            newest = self.select_for_update().order_by("-until_at").first()
            if newest and newest.until_at > at + AHEAD:  # A clock that was ahead has written it.
                self.filter(until_at__gt=at).update(until_at=at)
                self.filter(began_at__gt=at).delete()
            elif newest is None or at - newest.until_at > PAUSE:
                self.create(began_at=at, until_at=at)
                self.exclude(pk__in=list(self.order_by("-pk").values_list("pk", flat=True)[:KEPT])).delete()
            elif newest.until_at < at:
                self.filter(pk=newest.pk).update(until_at=at)

    def note_outdated(self, at: datetime) -> None:
        """Note that a process of the server runs other code at a moment than there is on its disk."""
        if newest := self.order_by("-until_at").first():
            self.filter(pk=newest.pk).update(outdated_at=at)

    def off(self, start: datetime, end: datetime) -> list[Off]:
        """Return the times between two moments in which no process ran. Nothing is known of before the first run."""
        return list(_between(self.filter(until_at__gte=start - PAUSE), start, end))

    def share_off(self, start: datetime, end: datetime) -> float:
        """Return the part of a time in which no process ran, from 0 to 1."""
        lengths = (each.within(start, end) for each in self.off(start, end))
        return sum(lengths, timedelta()) / (end - start) if end > start else 0.0


def _between(runs: ServerRunQuerySet, start: datetime, end: datetime) -> Iterator[Off]:
    """Yield the pauses between the last run before a time and the first one after it."""
    before = ServerRun.objects.filter(until_at__lt=start - PAUSE).order_by("-until_at")[:1]
    reached: datetime | None = None
    for run in [*before, *runs.filter(began_at__lte=end).order_by("began_at"), *_after(end)]:
        if reached is not None and run.began_at - reached > PAUSE and reached < end and run.began_at > start:
            yield Off(reached, run.began_at)
        reached = max(run.until_at, reached or run.until_at)


def _after(end: datetime) -> ServerRunQuerySet:
    return ServerRun.objects.filter(began_at__gt=end).order_by("began_at")[:1]


class ServerRun(models.Model):
    """A time in which the server was up: from its start to the last minute that it noted."""

    began_at = EpochMillisField("from")
    until_at = EpochMillisField("until", db_index=True)
    outdated_at = EpochMillisField(null=True, editable=False)  # when a process last said that its code is an old one
    looked_at = EpochMillisField(null=True, editable=False)  # The outages of the pause before it are found.

    objects = ServerRunQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]

    def __str__(self) -> str:
        return f"up from {self.began_at:%Y-%m-%d %H:%M} to {self.until_at:%Y-%m-%d %H:%M} UTC"
