"""The moment up to which each field was searched for odd readings."""

from __future__ import annotations

from django.db import models

from stations.models import Field


class Checked(models.Model):
    """Whichever process moves `until_ms` on has searched the time before it: each field is searched by one only."""

    field = models.OneToOneField(Field, models.CASCADE, primary_key=True, related_name="+")
    until_ms = models.BigIntegerField(default=0, help_text="In Unix milliseconds; 0: never.")

    def __str__(self) -> str:
        return f"{self.field}: {self.until_ms}"
