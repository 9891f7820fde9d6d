"""The recipient of a text: the moment at which it is told, their clock, and their units."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from alerts.models import Incident, Kind, Recipient
from freetemp.ages import length
from freetemp.formatting import dated, decimal
from readings.display.values import MISSING, digits, quantity, with_unit
from stations.models import Field
from stations.units import Units, displayed


class Listener(NamedTuple):
    """Says moments and values as one recipient reads them. The language is the active one."""

    at: datetime
    zone: ZoneInfo
    units: Units

    @classmethod
    def of(cls, recipient: Recipient, at: datetime) -> Listener:
        return cls(at, recipient.zone, recipient.preferred)

    def moment(self, moment: datetime) -> str:
        """Return a moment by the recipient's clock: “14:05”, or with its day if it was not today."""
        local = moment.astimezone(self.zone)
        is_today = local.date() == self.at.astimezone(self.zone).date()
        return dated(local, "H:i" if is_today else "j M, H:i")

    def quantity(self, value: float | None, field: Field) -> str:
        return quantity(value, field, self.units)

    def difference(self, value: float | None, field: Field) -> str:
        """Return the difference of two values of a field, which is by another rule in °F."""
        if value is None:
            return MISSING
        unit = displayed(field.unit, self.units).of_difference
        return with_unit(digits(value, field, unit), unit.symbol)

    def of_board(self, kind: Kind, value: float | None) -> tuple[str, str]:
        """Return the name and the value of what a board measures of itself: its voltage, or its signal."""
        if kind == Kind.BATTERY:
            return _("voltage"), with_unit(decimal(value or 0.0, 2), "V")
        return _("signal strength"), with_unit(decimal(value or 0.0, 0), "dBm")

    def day(self, moment: datetime, zone: ZoneInfo) -> str:
        """Return a day of a station's calendar: “12 July 2026”."""
        return dated(moment.astimezone(zone).date(), "j F Y")

    def span(self, incident: Incident) -> dict[str, object]:
        """Return the station, the length, the start and the end of an incident, for sentences."""
        ended_at = incident.ended_at or self.at
        return {
            "station": incident.station,
            "length": length(ended_at - incident.began_at),
            "start": self.moment(incident.began_at),
            "end": self.moment(ended_at),
        }
