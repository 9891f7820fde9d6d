"""The parameters in the address of a comparison: the period as on a station's page, by the first station's clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.http import QueryDict

from readings.calendar.days import midnight
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period
from readings.charts.forms import PictureForm
from readings.compare.chosen import Chosen
from readings.display.period_form import PeriodForm
from readings.models import Reading


class _OfSeveral:
    """All readings of several stations are those from the first of any to the last of any."""

    chosen: Chosen

    def _everything(self) -> tuple[dt.datetime, dt.datetime]:
        zone = self.chosen.zone
        spans = [span for station in self.chosen.stations if (span := Reading.objects.span(station))]
        if not spans:
            return super()._everything()  # type: ignore[misc, no-any-return] # today
        days = [moment.astimezone(zone).date() for moment in (min(s[0] for s in spans), max(s[1] for s in spans))]
        return midnight(days[0], zone), Period.containing(days[1], "day", zone).end


class ComparedPeriodForm(_OfSeveral, PeriodForm):
    """`?field=1.1&field=2.1&period=month&date=2026-11-22`, or any range."""

    compare = None  # type: ignore[assignment] # Another period beside several fields would be too much for one chart.

    def __init__(self, query: QueryDict, chosen: Chosen) -> None:
        super().__init__(query, station=chosen.lines[0].station)
        self.chosen = chosen

    def get_navigation(self, now: dt.datetime) -> Navigation:
        """Return the period with its name and its neighbours, with the fields in every address."""
        return replace(super().get_navigation(now), fields=f"&{self.chosen.query}")


class ComparedPictureForm(_OfSeveral, PictureForm):
    """The same, with the size, the colours, the units and the language of a picture."""

    compare = None  # type: ignore[assignment]
    field = None  # type: ignore[assignment] # There are several, and not only of one station.

    def __init__(self, query: QueryDict, chosen: Chosen) -> None:
        super().__init__(query, chosen.lines[0].station)
        self.chosen = chosen
