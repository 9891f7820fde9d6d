"""The five answers to “is this station heard from?”, and the sixth word that people need."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

# In reporting intervals. Two lost reports are bad WiFi; an hour of them, at one a minute, is a board in need of care.
LATE_AFTER = 3
SILENT_AFTER = 60
AHEAD = timedelta(minutes=5)  # Servers' and boards' clocks differ by less.

# What people read instead of “never heard”: no board of the station ever reported, and its readings came from files.
IMPORTED = "imported"


class Status(models.TextChoices):
    """A station's status. The labels are the admin's; pages have translated words of their own."""

    ALIVE = "alive", "alive"
    LATE = "late", "late"
    SILENT = "silent", "silent"
    NEVER = "never", "never heard"
    INACTIVE = "inactive", "inactive"


def latest_heard(at: datetime | None) -> datetime:
    """Return the latest moment that counts as heard. A later one is of a clock that was ahead: it says nothing."""
    return (at or timezone.now()) + AHEAD


def told_status(status: Status, newest_at: datetime | None) -> str:
    """Return the word for people: the status, or IMPORTED if a station that was never heard has readings all the same.

    `newest_at` is the time of its newest value, or None. Programs are told the status.
    """
    return IMPORTED if status == Status.NEVER and newest_at is not None else status.value
