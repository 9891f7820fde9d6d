"""The five answers to “is this station heard from?”."""

from django.db import models


class Status(models.TextChoices):
    """A station's status. The labels are the admin's; pages have translated words of their own."""

    ALIVE = "alive", "alive"
    LATE = "late", "late"
    SILENT = "silent", "silent"
    NEVER = "never", "never heard"
    INACTIVE = "inactive", "inactive"
