"""Readings that a clock stored under moments that were still to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self

from django.db import models

from freetemp.fields import EpochMillisField, from_millis
from stations.models import Station

Moments = Mapping[int, list[int]]  # of the readings, in Unix milliseconds, by the number of the field


class StoredAhead(models.Model):
    """The readings of a station that were dated ahead when the clock was found to be set back.

    Each is named by its moment: right readings come to lie among them once that time has come.
    """

    station = models.OneToOneField(Station, models.CASCADE, primary_key=True, related_name="stored_ahead")
    noted_at = EpochMillisField(help_text="What the clock said when it was found to be set back.")
    count = models.PositiveIntegerField()
    first_at = EpochMillisField()
    last_at = EpochMillisField()
    by_field = models.JSONField(help_text="The moments in Unix milliseconds, by the number of the field.")

    def __str__(self) -> str:
        return f"{self.count} readings of {self.station} up to {self.last_at}"

    @property
    def moments(self) -> Moments:
        return {int(number): moments for number, moments in self.by_field.items()}

    def keep(self, moments: Moments) -> Self:
        """Be about these readings from now on, and save it. It is deleted if there are none."""
        every = [each for of_field in moments.values() for each in of_field]
        if not every:
            self.delete()
            return self
        self.by_field = {str(number): sorted(of_field) for number, of_field in sorted(moments.items()) if of_field}
        self.count, self.first_at, self.last_at = len(every), from_millis(min(every)), from_millis(max(every))
        self.save()
        return self

    def add(self, moments: Moments, at: datetime) -> Self:
        """Name more readings, and save it."""
        self.noted_at = at
        mine = self.moments
        return self.keep(
            {number: list({*mine.get(number, []), *moments.get(number, [])}) for number in {**mine, **moments}}
        )

    def forget(self, number: int, is_gone: Callable[[int], bool]) -> Self:
        """Forget the readings of a field that are gone, and save it."""
        mine = dict(self.moments)
        mine[number] = [each for each in mine.get(number, []) if not is_gone(each)]
        return self.keep(mine)
