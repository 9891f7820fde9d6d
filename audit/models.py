"""The events: what was done, and how far back they are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from freetemp.fields import EPOCH, EpochMillisField, to_millis

MOST_OF_A_DEED, MOST_OF_A_NAME, MOST_OF_A_WHAT = 80, 150, 300


class WrittenDownError(Exception):
    """An event stays as it was written."""


def _refuse(*args: Any, **options: Any) -> NoReturn:
    raise WrittenDownError("Events are never changed, and removed only when they are older than AUDIT_DAYS.")


class EventQuerySet(models.QuerySet["Event"]):
    update = delete = bulk_update = update_or_create = _refuse

    def bulk_create(self, objs: Any, *args: Any, update_conflicts: bool = False, **options: Any) -> list[Event]:
        """Write events together. None takes the place of another one."""
        if update_conflicts:
            _refuse()
        return super().bulk_create(objs, *args, **options)

    def of_station(self, number: int) -> EventQuerySet:
        return self.filter(station=number)

    def of_object(self, row: models.Model) -> EventQuerySet:
        return self.filter(of=row._meta.label_lower, of_number=str(row.pk))

    def between(self, since: datetime | None, until: datetime | None) -> EventQuerySet:
        events = self if since is None else self.filter(at__gte=to_millis(since))
        return events if until is None else events.filter(at__lt=to_millis(until))


class Event(models.Model):
    """One deed: who did what to which station when, from where and by what.

    It refers to no other row, so it outlives the station and the person. Triggers of the database keep it too:
    audit/triggers.py.
    """

    at = EpochMillisField("when", default=timezone.now)
    deed = models.CharField(max_length=MOST_OF_A_DEED)
    station = models.PositiveBigIntegerField("station's number", null=True)
    station_name = models.CharField("station", max_length=MOST_OF_A_NAME, blank=True)
    what = models.CharField(max_length=MOST_OF_A_WHAT, blank=True)
    details = models.TextField(blank=True)
    person = models.CharField(max_length=MOST_OF_A_NAME, blank=True)
    by = models.CharField(max_length=MOST_OF_A_NAME, blank=True)
    address = models.CharField("from", max_length=45, blank=True)
    # The row that it is about, by its model and number, for that row's history.
    of = models.CharField(max_length=100, blank=True)
    of_number = models.CharField(max_length=64, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)
        verbose_name = "deed"
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["station", "id"], name="event_of_station"),
            models.Index(fields=["of", "of_number", "id"], name="event_of_object"),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [f"{self.deed}:" if self.what else self.deed, self.what]))

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            _refuse()
        super().save(*args, **options | {"force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        _refuse()


class Pruning(models.Model):
    """How far events have been removed: the database's triggers let only older ones go. There is one row."""

    until = EpochMillisField(default=EPOCH)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"until {self.until}"
