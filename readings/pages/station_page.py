"""The content of a station's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from readings.almanac.of_station import Almanac, almanac_of
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period
from readings.charts.inline_chart import Sketch, brought, sketches
from readings.charts.rose import roses
from readings.charts.sharing import Sharing
from readings.derived.figures import derived
from readings.history.by_kind import Row, Telling, Told
from readings.history.comparison import Comparison, choices, comparison
from readings.history.coverage import Coverage, measure_coverage
from readings.history.trend import Trend, trends
from readings.models import Reading
from readings.pages.chart_config import chart
from readings.pages.corrections import Corrections
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.units import Units

TableRow = tuple[str, str, list[tuple[Field, Row | None]]]


@dataclass(frozen=True)
class StationPage:
    """A station over the shown period. Each part is queried at most once, and only if it is used.

    Unless `is_whole`, it leaves out costly parts that are not swapped: the almanac and the charts' first sketches.
    """

    navigation: Navigation
    units: Units
    is_whole: bool
    corrections: Corrections

    def content(self) -> dict[str, Any]:
        """Return the content by its names in the templates."""
        return {
            "period": self.period,
            "navigation": self.navigation,
            "newest_period": self.newest_period,
            "first_period": self.first_period,
            "fields": self.fields,
            "today": self.today(),
            "today_is": self.now.astimezone(self.station.zone).date(),
            "has_readings": bool(self.told),
            "highlights": [(each, self.told.get(each.number), self.drawn.get(each.number)) for each in self.fields],
            "coverage": self.coverage(),
            "table": self.table(),
            "almanac": self.is_whole and self._almanac(),
            "derived": derived(self.station, self.fields, self.trends),
            "brought": self.drawn and brought(self.drawn, self.period.start, self.period.end),
            "sharing": Sharing(self.station, self.fields, self.navigation, self.units),
            "comparisons": partial(choices, self.navigation),
            "compared": self.compared,
            "before": self.before,
            "covered_before": self.covered_before(),
            "corrected": self.corrections.told(self.period),
            "set_aside": list(self.corrections.set_aside_links(self.period)),
            "chart": self.chart(),
            "roses": roses(self.fields, self.period, self.units) if self.told else [],
        }

    @property
    def station(self) -> Station:
        return self.corrections.station

    @property
    def now(self) -> datetime:
        return self.navigation.now

    @property
    def period(self) -> Period:
        return self.navigation.period

    @property
    def fields(self) -> list[Field]:
        return self.corrections.fields

    @cached_property
    def telling(self) -> Telling:
        return Telling(self.station, self.fields, self.now)

    @cached_property
    def rows(self) -> dict[tuple[int, int], Row]:
        """Return each row's figures by the field's number and the row's index."""
        return self.telling.by_part([self.period.start, *(part.end for part in self.period.parts)])

    @cached_property
    def told(self) -> dict[int, Told]:
        return self.telling.told(self.period.start, self.period.end, self.rows)

    @cached_property
    def drawn(self) -> dict[int, Sketch]:
        return sketches(self.fields, self.period, self.units) if self.is_whole and self.told else {}

    def chart(self) -> dict[str, Any]:
        """Return the configuration of the scripts, with the marks of each field."""
        config = chart(self.station, self.fields, self.period, self.units, self.now, self.compared)
        for each in config["fields"]:
            if marks := self.corrections.marks(each["number"]):
                each["marks"] = marks
        return config

    @cached_property
    def compared(self) -> Comparison | None:
        return comparison(self.navigation)

    @cached_property
    def before(self) -> dict[int, Row]:
        """Return the figures of the period for comparison, by the field's number."""
        found = self.compared
        if not found or not found.has_begun:
            return {}
        return self.telling.of_span(found.period.start, found.end, whole_end=found.is_cut)

    @property
    def newest_period(self) -> Navigation | None:
        newest = newest_at(self.fields)
        return self.navigation.around(newest) if newest else None

    @property
    def first_period(self) -> Navigation | None:
        """Return the period of the first reading if the shown one is empty and over before it."""
        span = None if self.told else Reading.objects.span(self.station)
        return self.navigation.around(span[0]) if span and self.period.end <= span[0] else None

    def coverage(self) -> list[tuple[Field, Coverage | None]]:
        start, end = self.period.start, self.period.end
        found = measure_coverage(self.station, self.fields, start, end, self.now) if self.told else {}
        return [(field, found.get(field.number)) for field in self.fields]

    def covered_before(self) -> dict[int, Coverage]:
        found = self.compared
        if found is None or not self.before:
            return {}
        return measure_coverage(self.station, self.fields, found.period.start, found.end, self.now)

    def _almanac(self) -> list[Almanac]:
        return almanac_of(self.station, self.fields, self.period, self.now, self.navigation.base_c)

    def today(self) -> list[tuple[Field, Told | None, Trend | None]]:
        """Return each field with what there is to tell of today, and its trend."""
        zone = self.station.zone
        today = Period.containing(self.now.astimezone(zone).date(), "day", zone)
        is_shown = (today.start, today.end) == (self.period.start, self.period.end)
        told = self.told if is_shown else self.telling.told(today.start, today.end)
        return [(field, told.get(field.number), self.trends.get(field.number)) for field in self.fields]

    @cached_property
    def trends(self) -> dict[int, Trend]:
        return trends(self.station, self.fields, self.now)

    def table(self) -> list[TableRow]:
        """Return a label, an address and each field's summary for every part of the period that has already begun."""
        return [
            (
                part.label,
                self.navigation.of_part(part),
                [(field, self.rows.get((field.number, index))) for field in self.fields],
            )
            for index, part in enumerate(self.period.parts)
            if part.start <= self.now
        ]
