"""How far a station's history has been searched for outages."""

from __future__ import annotations

from django.db import models

from freetemp.fields import EpochMillisField
from stations.models import Station


class Searched(models.Model):
    """The last search of a station's history, and the state of its readings then."""

    station = models.OneToOneField(Station, models.CASCADE, primary_key=True, related_name="searched")
    at = EpochMillisField()
    editions = models.CharField(max_length=64, help_text="Another text after any change of readings but new ones.")

    def __str__(self) -> str:
        return f"{self.station}, searched at {self.at:%Y-%m-%d %H:%M} UTC"
