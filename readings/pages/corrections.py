"""What a station's page says about its readings: what is set aside, and which sensor hung since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from freetemp.fields import to_millis
from freetemp.formatting import dated
from readings.calendar.periods import Period
from readings.calendar.span import Span
from readings.display.field_names import called
from readings.models import Sensor, SetAside
from readings.models.set_aside import Reason
from stations.models import Field, Station

MOST = 200  # of each kind, the newest
REASONS = {
    Reason.SPIKE: pgettext_lazy("set aside because of", "spike"),
    Reason.SUN: gettext_lazy("sensor in the sun"),
    Reason.IMPORT: gettext_lazy("wrong import"),
    Reason.MOVED: pgettext_lazy("set aside because of", "moved"),
    Reason.MAINTENANCE: gettext_lazy("maintenance"),
    Reason.OTHER: gettext_lazy("another reason"),
}


class Told(NamedTuple):
    """A sentence about some readings, and the page of the admin that takes it back; none for viewers."""

    words: str
    address: str


@dataclass(frozen=True)
class Corrections:
    """The active marks and sensors of a station, for one viewer."""

    station: Station
    fields: Sequence[Field]
    user: AbstractBaseUser | AnonymousUser

    @cached_property
    def rows(self) -> list[SetAside | Sensor]:
        found: list[SetAside | Sensor] = []
        for model in (SetAside, Sensor):
            found += model.objects.active().filter(station=self.station).order_by("-start")[:MOST]
        return sorted(found, key=lambda row: row.start)

    def marks(self, number: int) -> list[dict[str, Any]]:
        """Return what a field's chart marks: spans that are set aside, and moments from which another sensor hung.

        Moments are in Unix seconds; an end of None is until further notice.
        """
        return [
            {
                "kind": "sensor" if isinstance(row, Sensor) else "aside",
                "start": to_millis(row.start) / 1000,
                "end": to_millis(row.end) / 1000 if row.end else None,
            }
            for row in self.rows
            if row.field in (None, number)
        ]

    def told(self, period: Period) -> list[Told]:
        """Return sentences about what is set aside in a period, and about the sensors that were hung up in it."""
        span = Span(to_millis(period.start), to_millis(period.end))
        return [
            Told(self._sensor(row) if isinstance(row, Sensor) else self._mark(row), self._address_of(row))
            for row in self.rows
            if row.span.start_ms < span.end_ms
            and span.start_ms < (row.span.start_ms + 1 if isinstance(row, Sensor) else row.span.end_ms)
        ]

    def set_aside_links(self, period: Period) -> Iterator[tuple[Field, str]]:
        """Yield each field with the address of a form that sets a period's readings aside, for whoever may do that."""
        if self._may("add_setaside"):
            for field in self.fields:
                asked = {
                    "what": f"{self.station.pk}:{field.number}",
                    "first": period.start.astimezone(period.zone).isoformat(timespec="seconds"),
                    "last": period.end.astimezone(period.zone).isoformat(timespec="seconds"),
                }
                yield field, f"{reverse('admin:readings_setaside_add')}?{urlencode(asked)}"

    def _may(self, permission: str) -> bool:
        is_staff = getattr(self.user, "is_staff", False)
        return bool(is_staff and self.user.has_perm(f"readings.{permission}"))  # type: ignore[union-attr]

    def _address_of(self, row: SetAside | Sensor) -> str:
        name = row._meta.model_name or ""
        return reverse(f"admin:readings_{name}_change", args=[row.pk]) if self._may(f"change_{name}") else ""

    def _mark(self, row: SetAside) -> str:
        words = {"what": self._what(row.field), "reason": REASONS.get(Reason(row.reason), row.reason)}
        if row.end is None:
            return _("%(what)s: set aside since %(start)s (%(reason)s).") % (words | {"start": self._at(row.start)})
        between = {"start": self._at(row.start), "end": self._at(row.end)}
        return _("%(what)s: set aside from %(start)s to %(end)s (%(reason)s).") % (words | between)

    def _sensor(self, row: Sensor) -> str:
        words = {"what": self._what(row.field), "sensor": row.model, "start": self._at(row.start)}
        if row.corrects:
            return _("%(what)s: another sensor since %(start)s, %(sensor)s, whose values are corrected.") % words
        return _("%(what)s: another sensor since %(start)s, %(sensor)s.") % words

    def _what(self, number: int | None) -> str:
        names = [called(field) for field in self.fields if field.number == number]
        name = names[0] if names else _("all fields")
        return name[:1].upper() + name[1:]

    def _at(self, moment: datetime) -> str:
        return dated(moment.astimezone(self.station.zone), "j F Y, H:i")
