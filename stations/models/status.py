"""The five answers to “is this station heard from?”, and the sixth word that people need."""

from datetime import datetime

from django.db import models

# What people read instead of “never heard”: no board of the station ever reported, and its readings came from files.
IMPORTED = "imported"


class Status(models.TextChoices):
    """A station's status. The labels are the admin's; pages have translated words of their own."""

    ALIVE = "alive", "alive"
    LATE = "late", "late"
    SILENT = "silent", "silent"
    NEVER = "never", "never heard"
    INACTIVE = "inactive", "inactive"


def told_status(status: Status, newest_at: datetime | None) -> str:
    """Return the word for people: the status, or IMPORTED if a station that was never heard has readings all the same.

    `newest_at` is the time of its newest value, or None. Programs are told the status.
    """
    return IMPORTED if status == Status.NEVER and newest_at is not None else status.value
