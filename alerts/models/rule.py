"""Rules: the troubles that are told."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from freetemp.fields import EpochMillisField
from stations.models import Field, Station

USUAL = timedelta(minutes=10)  # A value has to be beyond a limit for so long, unless its rule says otherwise.
# By how much a value has to come back, in the field's unit. For other units it is a part of the limit.
HYSTERESES = {"degC": 0.5, "degF": 1.0, "%": 2.0, "hPa": 0.5, "m/s": 1.0, "km/h": 3.0, "mph": 2.0, "V": 0.05}
PART = 0.02


class Kind(models.TextChoices):
    SILENT = "silent", "is silent"
    BELOW = "below", "is below"
    ABOVE = "above", "is above"


class RuleQuerySet(models.QuerySet["Rule"]):
    def of_silence(self) -> RuleQuerySet:
        """Return the rules of silence. That of a station counts for it instead of that for every station."""
        return self.filter(kind=Kind.SILENT)

    def of_limits(self) -> RuleQuerySet:
        """Return the rules in force about values, with their fields and stations."""
        limits = self.exclude(kind=Kind.SILENT).filter(active=True, field__station__active=True)
        return limits.select_related("field__station")


class Rule(models.Model):
    """A trouble that is told: a station that is silent, or a value that is beyond a limit for a while."""

    kind = models.CharField("when", max_length=10, choices=Kind.choices)
    station = models.ForeignKey(
        Station,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="rules",
        help_text="For silence. Empty: every station that has no rule of its own.",
    )
    field = models.ForeignKey(
        Field, models.CASCADE, null=True, blank=True, related_name="rules", help_text="For a limit."
    )
    limit = models.FloatField(null=True, blank=True, help_text="In the field's unit.")
    hysteresis = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="By how much the value has to come back before it is over, so that it does not flap. Empty: what is "
        "usual for the unit, like 0.5 °C.",
    )
    minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(525_600)],
        help_text="How long before it is told. Empty: for silence by the station's own rhythm, for a limit 10.",
    )
    active = models.BooleanField(
        default=True,
        help_text="Off: it is not told. A station's rule of silence that is off "
        "keeps it from being told by the one for every station.",
    )
    beyond_since = EpochMillisField(null=True, editable=False)  # The first value beyond the limit, of those in a row.

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                name="rule_is_whole",
                condition=Q(kind=Kind.SILENT, field=None, limit=None)
                | Q(kind__in=[Kind.BELOW, Kind.ABOVE], station=None, field__isnull=False, limit__isnull=False),
                violation_error_message="A rule of silence has no field and no limit, and any other rule has both.",
            ),
            models.UniqueConstraint(
                fields=["station"],
                name="rule_of_silence_once",
                condition=Q(kind=Kind.SILENT),
                violation_error_message="This station has a rule of silence already: change that one.",
            ),
        ]

    def __str__(self) -> str:
        if self.kind == Kind.SILENT:
            return f"{self.station or 'A station'} {Kind.SILENT.label}"
        field = self.field
        if field is None or self.limit is None:
            return Kind(self.kind).label
        return f"{field.station}: {field.name} {Kind(self.kind).label} {self.limit:g} {field.unit}".rstrip()

    def clean(self) -> None:
        if self.field and not self.field.kind.is_averaged:
            raise ValidationError({"field": "A sum or a direction has no limit: choose a field that has a mean."})
        if self.kind == Kind.SILENT and self.station is None:
            others = Rule.objects.of_silence().filter(station=None).exclude(pk=self.pk)
            if others.exists():  # A unique constraint lets NULL be there twice.
                raise ValidationError({"station": "There is a rule for every station already: choose one station."})

    @property
    def measured(self) -> Field:
        """Return the field of a rule about values. Raises ValueError for a rule of silence."""
        if self.field is None:
            raise ValueError("A rule of silence has no field.")
        return self.field

    @property
    def lasting(self) -> timedelta:
        """Return how long a value has to be beyond the limit."""
        return USUAL if self.minutes is None else timedelta(minutes=self.minutes)

    def is_beyond(self, value: float) -> bool:
        """Tell whether a value is beyond the limit."""
        limit = self.limit or 0.0
        return value > limit if self.kind == Kind.ABOVE else value < limit

    def is_back(self, value: float) -> bool:
        """Tell whether a value has come back from beyond the limit, by the hysteresis."""
        limit, back = self.limit or 0.0, self._back()
        return value <= limit - back if self.kind == Kind.ABOVE else value >= limit + back

    def worse(self, value: float, known: float | None) -> float:
        """Return the value that is further beyond the limit."""
        if known is None:
            return value
        return max(value, known) if self.kind == Kind.ABOVE else min(value, known)

    def _back(self) -> float:
        if self.hysteresis is not None:
            return self.hysteresis
        unit = self.field.unit if self.field else ""
        return HYSTERESES.get(unit, abs(self.limit or 0.0) * PART)
