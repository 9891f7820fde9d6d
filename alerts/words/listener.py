"""The recipient of a text: the moment at which it is told, their clock, and their units."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts.models import Incident, Recipient
from freetemp.ages import length
from freetemp.formatting import dated
from readings.display.values import quantity
from stations.models import Field
from stations.units import Units


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

    def span(self, incident: Incident) -> dict[str, object]:
        """Return the station, the length, the start and the end of an incident, for sentences."""
        ended_at = incident.ended_at or self.at
        return {
            "station": incident.station,
            "length": length(ended_at - incident.began_at),
            "start": self.moment(incident.began_at),
            "end": self.moment(ended_at),
        }
