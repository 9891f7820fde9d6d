"""The state of one trouble of a station, as a look finds it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from alerts.models import Rule
from stations.models import Field, Station


class State(NamedTuple):
    """Whether a station is in a trouble, or plainly not in it. Between the two, what is goes on.

    `ends_before` is for what lasts a day: what was found before that moment is over.
    """

    rule: Rule
    station: Station
    is_bad: bool
    is_good: bool
    field: Field | None = None
    value: float | None = None
    detail: str = ""
    began_at: datetime | None = None
    ends_before: datetime | None = None

    @property
    def key(self) -> tuple[int, int | None]:
        return self.station.pk, self.field.pk if self.field else None
