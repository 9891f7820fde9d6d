"""The kinds of rules: what each is about, and what is usual for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

# By how much a value has to come back, in the field's unit. For other units it is a part of the limit.
HYSTERESES = {"degC": 0.5, "degF": 1.0, "%": 2.0, "hPa": 0.5, "m/s": 1.0, "km/h": 3.0, "mph": 2.0, "kn": 2.0, "V": 0.05}
PART, PART_OF_CHANGE = 0.02, 0.2  # A change or an amount swings more than a value.


class Kind(models.TextChoices):
    """What is told. The first ones are about a field and a limit, the others about a station."""

    BELOW = "below", "is below"
    ABOVE = "above", "is above"
    HEADING = "heading", "is going to be below"
    FALLS = "falls", "falls by more than"
    RISES = "rises", "rises by more than"
    RAIN = "rain", "sums up to more than"
    GUST = "gust", "is once above"
    SILENT = "silent", "is silent"
    SENSOR = "sensor", "reports trouble of its board or sensor"
    BATTERY = "battery", "has a low battery"
    SIGNAL = "signal", "has a weak signal"
    RESTARTS = "restarts", "restarts again and again"
    REFUSED = "refused", "has reports refused"
    RECORD = "record", "breaks a record"

    @property
    def is_of_field(self) -> bool:
        return self in OF_FIELD

    @property
    def is_upward(self) -> bool:
        """Tell whether a value is beyond its limit if it is above it."""
        return self not in (Kind.BELOW, Kind.HEADING, Kind.BATTERY, Kind.SIGNAL)

    @property
    def usual_hours(self) -> int | None:
        """Return the hours that a value of this kind is about, or None if it is about a moment."""
        return {Kind.HEADING: 3, Kind.FALLS: 3, Kind.RISES: 3, Kind.RAIN: 1, Kind.GUST: 1}.get(self)

    @property
    def usual_wait(self) -> timedelta:
        """Return how long it has to last before it is told."""
        return timedelta(minutes={Kind.BELOW: 10, Kind.ABOVE: 10, Kind.SENSOR: 30}.get(self, 0))

    def usual_hysteresis(self, unit: str, limit: float) -> float:
        """Return by how much a value has to come back, in the field's unit."""
        if self in (Kind.FALLS, Kind.RISES, Kind.RAIN):
            return abs(limit) * PART_OF_CHANGE
        return HYSTERESES.get(unit, abs(limit) * PART)


OF_FIELD = frozenset({Kind.BELOW, Kind.ABOVE, Kind.HEADING, Kind.FALLS, Kind.RISES, Kind.RAIN, Kind.GUST})
OF_CHANGE = frozenset({Kind.HEADING, Kind.FALLS, Kind.RISES})
OF_STATION = frozenset(Kind) - OF_FIELD
MAY_HAVE_LIMIT = frozenset({Kind.BATTERY, Kind.SIGNAL, Kind.RESTARTS})
# Rules for every station that need no thought: they are there, and on, from the start.
FROM_THE_START = (Kind.SILENT, Kind.SENSOR, Kind.BATTERY, Kind.RESTARTS)
