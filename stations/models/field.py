"""A station's fields: the quantities that it measures."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from freetemp.fields import EpochMillisField
from stations.models.station import Station
from stations.models.status import LATE_AFTER
from stations.quantities import OTHER, QUANTITIES, Kind, Quantity, kind_of, quantity_named, usual_limits

MAX_NUMBER = 255
MOST_OF_A_SOURCE = 40  # characters


def is_within(value: float, smallest: float | None, largest: float | None) -> bool:
    """Tell whether a value is within inclusive limits; None is no limit."""
    return (smallest is None or value >= smallest) and (largest is None or value <= largest)


def new_edition() -> int:
    """Return a number that no edition had before: 63 random bits. A count would repeat after a backup is restored."""
    return secrets.randbits(63)


class Field(models.Model):
    """One quantity of a station, known to its board by a number. Its newest value is written by `readings`."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="fields")
    number = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MAX_NUMBER)],
        help_text="What the board calls it. Fixed after its first reading.",
    )
    name = models.CharField(max_length=40, help_text="Like temperature, or soil moisture.")
    unit = models.CharField(
        max_length=16, blank=True, help_text="Like degC, %, hPa, m/s. Fixed after its first reading."
    )
    decimals = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(6)], help_text="Decimal places shown."
    )
    quantity = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="A key of stations.quantities. Empty: by its name and unit.",
    )
    rolls_over_at = models.FloatField(
        null=True, blank=True, help_text="The value at which a counter begins again at 0, like 6553.6. Empty: none."
    )
    smallest = models.FloatField(
        "smallest plausible",
        null=True,
        blank=True,
        help_text="A value below is kept and marked, and left out of means.",
    )
    largest = models.FloatField(
        "largest plausible", null=True, blank=True, help_text="A value above is kept and marked, and left out of means."
    )
    newest_value = models.FloatField(null=True, editable=False)
    newest_at = EpochMillisField(null=True, editable=False)
    # A leaky bucket over single values. It lives in the row that each value updates anyway, so every worker sees the
    # same bucket and no other store is needed.
    bucket_empty_at = EpochMillisField(null=True, editable=False)
    is_treated = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Some of its readings are set aside or calibrated. `readings` writes it.",
    )
    # A reading that is its field's newest changes `newest_at`. Any other change of readings or rollups changes this.
    edition = models.BigIntegerField(default=0, db_default=0, editable=False)
    source = models.CharField(
        max_length=MOST_OF_A_SOURCE,
        blank=True,
        default="",
        db_default="",
        help_text="The name by which a device of another maker sends it, like tempf. Empty: boards send its number.",
    )
    added_at = EpochMillisField(null=True, editable=False)  # When a report added it. None: somebody did.

    class Meta:
        ordering = ["station", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "number"],
                name="field_number_once",
                violation_error_message="The station has a field with this number already.",
            ),
            models.UniqueConstraint(
                fields=["station", "name"],
                name="field_name_once",
                violation_error_message="The station has a field with this name already.",
            ),
            models.UniqueConstraint(
                fields=["station", "source"],
                name="field_source_once",
                condition=~Q(source=""),
                violation_error_message="The station has a field with this source already.",
            ),
            models.CheckConstraint(name="field_number_in_range", condition=Q(number__range=(1, MAX_NUMBER))),
            models.CheckConstraint(
                name="field_plausible_range",
                condition=Q(smallest=None) | Q(largest=None) | Q(smallest__lt=F("largest")),
                violation_error_message="The smallest plausible value is below the largest.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name} [{self.unit}]"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a field its quantity, and a new one the usual limits of it, unless it comes with its own.

        It has another edition then: what it was loaded with may be an earlier one by now.
        """
        self.edition = new_edition()
        if not self.quantity:
            self.quantity = quantity_named(self.name, self.unit)
        if self._state.adding and self.smallest is None and self.largest is None:
            self.smallest, self.largest = usual_limits(self.quantity, self.unit)
        super().save(*args, **kwargs)

    @property
    def kind(self) -> Kind:
        """Return how its readings are summed up."""
        return kind_of(self.quantity)

    @property
    def _of_table(self) -> Quantity:
        return QUANTITIES.get(self.quantity, QUANTITIES[OTHER])

    def clean(self) -> None:
        before = Field.objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.has_readings:
            self._check_fixed(before)
        self._check_quantity()

    def _check_fixed(self, before: Field) -> None:
        for name in ("number", "unit"):
            if name == "unit" and not before.unit and before.quantity == OTHER:
                continue  # ThingSpeak's field1 says nothing of its unit, until somebody does.
            if getattr(self, name) != getattr(before, name):
                raise ValidationError(
                    {name: f"It is {getattr(before, name)} in the readings that are stored: add another field instead."}
                )

    def _check_quantity(self) -> None:
        if self.quantity and self.quantity not in QUANTITIES:
            raise ValidationError({"quantity": f"“{self.quantity}” is no quantity that freetemp knows."})
        units = self._of_table.units
        if units and self.unit not in units:
            named = " or ".join(unit or "none (leave it empty)" for unit in units)
            raise ValidationError({"unit": f"The unit of {self._of_table.label} is {named}."})
        if self.rolls_over_at is not None and (self.kind is not Kind.COUNTER or not self.rolls_over_at > 0):
            raise ValidationError({"rolls_over_at": "Only a counter begins again, at a value above 0."})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.has_readings:
            raise ValidationError(f"{self} has readings: it stays, or the whole station goes with delete_station.")
        return super().delete(*args, **kwargs)

    @property
    def has_readings(self) -> bool:
        """Tell whether there are readings, be it that all of them are set aside."""
        return self.newest_at is not None or self.is_treated

    def lags_behind(self, newest: datetime, interval_s: int) -> bool:
        """Tell whether the field has fallen silent while its station, last at `newest`, has not."""
        return self.newest_at is None or newest - self.newest_at > timedelta(seconds=LATE_AFTER * interval_s)

    def is_plausible(self, value: float) -> bool:
        """Tell whether a value is within the field's limits. Others are stored and marked, and enter no mean."""
        return is_within(value, self.smallest, self.largest)
