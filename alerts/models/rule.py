"""Rules: the troubles that are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from alerts.models.kinds import MAY_HAVE_LIMIT, OF_CHANGE, OF_FIELD, OF_STATION, Kind
from freetemp.fields import EpochMillisField
from stations.models import Field, Station

MOST_HOURS = 48
# What a look needs of a rule, its field and its station: there may be thousands, three times a minute.
_OWN = ("kind", "station", "field", "limit", "hours", "hysteresis", "minutes", "beyond_since")
_OF_FIELD = ("number", "unit", "quantity", "smallest", "largest", "newest_value", "newest_at", "station")
_STATION = ("name", "active", "interval_s", "last_heard_at", "maintenance_since", "maintenance_until")
_WITHOUT_LIMIT = sorted(OF_STATION - MAY_HAVE_LIMIT)


class RuleQuerySet(models.QuerySet["Rule"]):
    def of(self, *kinds: Kind) -> RuleQuerySet:
        """Return the rules of some kinds. That of a station counts for it instead of that for every station."""
        return self.filter(kind__in=kinds)

    def of_fields(self, kinds: Iterable[Kind]) -> RuleQuerySet:
        """Return the rules in force about values, with their fields and stations as far as a look needs these."""
        in_force = self.of(*kinds).filter(active=True, field__station__active=True).select_related("field__station")
        return in_force.only(
            *_OWN, *(f"field__{name}" for name in _OF_FIELD), *(f"field__station__{n}" for n in _STATION)
        )


class Rule(models.Model):
    """A trouble that is told: of a station, or a value that is beyond a limit for a while."""

    kind = models.CharField("when", max_length=10, choices=Kind.choices)
    station = models.ForeignKey(
        Station,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="rules",
        help_text="For what is about a station. Empty: every station that has no rule of its own.",
    )
    field = models.ForeignKey(
        Field, models.CASCADE, null=True, blank=True, related_name="rules", help_text="For what is about a value."
    )
    limit = models.FloatField(
        null=True,
        blank=True,
        help_text="In the field's unit; for a battery in V, for a signal in dBm, for restarts their number in a day. "
        "Empty for a battery, a signal or restarts: what is usual.",
    )
    hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
        help_text="For a change, a sum or a gust: within how many. Empty: 3 for a change, 1 for the others.",
    )
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
        help_text="How long before it is told. Empty: for silence by the station's own rhythm, for other kinds what "
        "is usual, like 10 for a limit.",
    )
    active = models.BooleanField(
        default=True,
        help_text="Off: it is not told. A station's own rule that is off keeps it from being told by the one for "
        "every station.",
    )
    beyond_since = EpochMillisField(null=True, editable=False)  # The first value beyond the limit, of those in a row.

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                name="rule_is_whole",
                condition=Q(kind__in=_WITHOUT_LIMIT, field=None, limit=None)
                | Q(kind__in=sorted(MAY_HAVE_LIMIT), field=None)
                | Q(kind__in=sorted(OF_FIELD), station=None, field__isnull=False, limit__isnull=False),
                violation_error_message="A rule about a value has a field and a limit, and no station. Any other rule "
                "has no field, and a limit only if it is about a battery, a signal or restarts.",
            ),
            models.UniqueConstraint(
                fields=["kind", "station"],
                name="rule_of_station_once",
                condition=Q(kind__in=sorted(OF_STATION)),
                violation_error_message="This station has such a rule already: change that one.",
            ),
        ]

    def __str__(self) -> str:
        kind = Kind(self.kind)
        if not kind.is_of_field:
            return f"{self.station or 'A station'} {kind.label}"
        field = self.field
        if field is None or self.limit is None:
            return str(kind.label)
        within = f" in {self.window_hours} h" if kind.usual_hours and kind != Kind.HEADING else ""
        return f"{field.station}: {field.name} {kind.label} {self.limit:g} {field.unit}".rstrip() + within

    def clean(self) -> None:
        if self.field and self.kind:
            self._check_field(self.field)
        if self.kind in OF_STATION and self.station is None:
            others = Rule.objects.of(Kind(self.kind)).filter(station=None).exclude(pk=self.pk)
            if others.exists():  # A unique constraint lets NULL be there twice.
                raise ValidationError({"station": "There is a rule for every station already: choose one station."})
        if self.hours and Kind(self.kind).usual_hours is None:
            raise ValidationError({"hours": "Only a change, a sum or a gust is about some hours."})
        if self.limit is not None and self.limit <= 0 and self.kind in (Kind.RISES, Kind.FALLS, Kind.RAIN):
            raise ValidationError({"limit": "A change and a sum have a limit above 0."})

    def _check_field(self, field: Field) -> None:
        if self.kind == Kind.RAIN and not field.kind.is_sum:
            raise ValidationError({"field": "Only rain and other amounts have a sum: choose such a field."})
        if self.kind != Kind.RAIN and not field.kind.is_averaged:
            raise ValidationError({"field": "A sum or a direction has no limit: choose a field that has a mean."})

    @property
    def measured(self) -> Field:
        """Return the field of a rule about values. Raises ValueError for a rule of a station."""
        if self.field is None:
            raise ValueError("A rule of a station has no field.")
        return self.field

    @property
    def window_hours(self) -> int:
        """Return the hours that a change, a sum or a gust is about; 0 if it is about a moment."""
        return self.hours or Kind(self.kind).usual_hours or 0

    @property
    def is_of_change(self) -> bool:
        return self.kind in OF_CHANGE

    @property
    def is_found_late(self) -> bool:
        """Tell whether an incident opens when it has lasted. Any other one opens at once, and is told then."""
        return self.kind == Kind.SILENT or self.kind in OF_FIELD

    @property
    def lasting(self) -> timedelta:
        """Return how long it has to last before it is told. For a silence without minutes it is not known here."""
        return Kind(self.kind).usual_wait if self.minutes is None else timedelta(minutes=self.minutes)

    def is_beyond(self, value: float) -> bool:
        """Tell whether a value is beyond the limit."""
        limit = self.limit or 0.0
        return value > limit if self._is_upward else value < limit

    def is_back(self, value: float) -> bool:
        """Tell whether a value has come back from beyond the limit, by the hysteresis."""
        limit, back = self.limit or 0.0, self._back()
        return value <= limit - back if self._is_upward else value >= limit + back

    def worse(self, value: float, known: float | None) -> float:
        """Return the value that is further beyond the limit."""
        if known is None:
            return value
        return max(value, known) if self._is_upward else min(value, known)

    @property
    def _is_upward(self) -> bool:
        return Kind(self.kind).is_upward

    def _back(self) -> float:
        if self.hysteresis is not None:
            return self.hysteresis
        return Kind(self.kind).usual_hysteresis(self.field.unit if self.field else "", self.limit or 0.0)

    def with_limit(self, limit: float, hysteresis: float) -> Rule:
        """Return a rule like this one, with a limit and a hysteresis where this one leaves them to what is usual."""
        own: dict[str, Any] = {"limit": limit if self.limit is None else self.limit}
        return Rule(kind=self.kind, hysteresis=hysteresis if self.hysteresis is None else self.hysteresis, **own)
