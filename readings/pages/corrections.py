"""What a station's page says about its readings: what is set aside, and which sensor hung since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from freetemp.fields import from_millis, to_millis
from freetemp.formatting import dated
from freetemp.sql import execute
from readings.calendar.periods import Period
from readings.calendar.span import EVER, Span
from readings.display.field_names import called
from readings.models.set_aside import Reason
from stations.access import access_of
from stations.models import Field, Station

MOST = 200  # of each kind, the newest
REASONS = {
    Reason.SPIKE: pgettext_lazy("set aside because of", "spike"),
    Reason.SUN: gettext_lazy("sensor in the sun"),
    Reason.IMPORT: gettext_lazy("wrong import"),
    Reason.MOVED: pgettext_lazy("set aside because of", "moved"),
    Reason.MAINTENANCE: gettext_lazy("maintenance"),
    Reason.POWER_ON: gettext_lazy("value at power-on"),
    Reason.RANGE: gettext_lazy("outside of what weather has"),
    Reason.STUCK: gettext_lazy("the same for hours"),
    Reason.WET: gettext_lazy("wet sensor"),
    Reason.NEIGHBOUR: gettext_lazy("disagrees with its neighbours"),
    Reason.OTHER: gettext_lazy("another reason"),
}


# Django takes longer to build such a query than all else that it is for: every page asks, and most stations have none.
_ACTIVE = (
    "SELECT * FROM (SELECT 'setaside' AS kind, id, field, start, \"end\", reason, FALSE FROM readings_setaside"
    " WHERE station_id = %s AND state = 'active' ORDER BY start DESC LIMIT %s) AS marks"
    " UNION ALL SELECT * FROM (SELECT 'sensor' AS kind, id, field, start, \"end\", model,"
    ' factor <> 1 OR "offset" <> 0 FROM readings_sensor'
    " WHERE station_id = %s AND state = 'active' ORDER BY start DESC LIMIT %s) AS sensors ORDER BY 4, 1, 2"
)


class Row(NamedTuple):
    """A mark or a sensor: its model and key, its field or None for all, its span, and its reason or its name."""

    kind: str
    pk: int
    field: int | None
    start_ms: int
    end_ms: int | None
    name: str
    corrects: bool

    @property
    def is_sensor(self) -> bool:
        return self.kind == "sensor"

    def touches(self, span: Span) -> bool:
        """Tell whether a mark has a part of a span, or a sensor was hung up within it."""
        end_ms = self.start_ms + 1 if self.is_sensor else EVER.end_ms if self.end_ms is None else self.end_ms
        return span.overlaps(Span(self.start_ms, end_ms))


class Told(NamedTuple):
    """A sentence about some readings, and the page of the admin that takes it back; none for viewers."""

    words: str
    address: str


@dataclass(frozen=True)
class Corrections:
    """The active marks and sensors of a station, for one viewer."""

    station: Station
    fields: list[Field]
    user: AbstractBaseUser | AnonymousUser

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(*row) for row in execute(_ACTIVE, [self.station.pk, MOST] * 2).returned]

    def marks(self, number: int) -> list[dict[str, Any]]:
        """Return what a field's chart marks: spans that are set aside, and moments from which another sensor hung.

        Moments are in Unix seconds; an end of None is until further notice.
        """
        return [
            {
                "kind": "sensor" if row.is_sensor else "aside",
                "start": row.start_ms / 1000,
                "end": None if row.end_ms is None else row.end_ms / 1000,
            }
            for row in self.rows
            if row.field in (None, number)
        ]

    def told(self, period: Period) -> list[Told]:
        """Return sentences about what is set aside in a period, and about the sensors that were hung up in it."""
        span = Span(to_millis(period.start), to_millis(period.end))
        rows = [row for row in self.rows if row.touches(span)]
        return [Told(self._sensor(row) if row.is_sensor else self._mark(row), self._address_of(row)) for row in rows]

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
        return access_of(self.user).may(f"readings.{permission}", self.station)

    def _address_of(self, row: Row) -> str:
        return reverse(f"admin:readings_{row.kind}_change", args=[row.pk]) if self._may(f"change_{row.kind}") else ""

    def _mark(self, row: Row) -> str:
        words = {"what": self._what(row.field), "reason": REASONS[Reason(row.name)], "start": self._at(row.start_ms)}
        if row.end_ms is None:
            return _("%(what)s: set aside since %(start)s (%(reason)s).") % words
        return _("%(what)s: set aside from %(start)s to %(end)s (%(reason)s).") % (
            words | {"end": self._at(row.end_ms)}
        )

    def _sensor(self, row: Row) -> str:
        words = {"what": self._what(row.field), "sensor": row.name, "start": self._at(row.start_ms)}
        if row.corrects:
            return _("%(what)s: another sensor since %(start)s, %(sensor)s, whose values are corrected.") % words
        return _("%(what)s: another sensor since %(start)s, %(sensor)s.") % words

    def _what(self, number: int | None) -> str:
        names = [called(field) for field in self.fields if field.number == number]
        name = names[0] if names else _("all fields")
        return name[:1].upper() + name[1:]

    def _at(self, moment_ms: int) -> str:
        return dated(from_millis(moment_ms).astimezone(self.station.zone), "j F Y, H:i")
