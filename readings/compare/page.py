"""The content of the page that compares fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse

from freetemp.fields import to_millis
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period
from readings.charts.inline_chart import Sketch, brought
from readings.charts.sharing import rolling_query, viewer_query
from readings.compare.chosen import Chosen, Line, Pair, name_of
from readings.compare.plots import LinesSketch, sketch_of, sketch_of_difference
from readings.compare.words import difference_of, fit_sentences
from readings.history.fit import Fit, comparison_fit
from readings.history.other_clock import by_days_of
from readings.history.totals import SHORT_MS, History, by_field
from readings.models.summary import Extremes, Figures
from readings.pages.chart_config import field_config, period_config
from readings.pages.names import in_order
from stations.models import Field, Station
from stations.quantities import Kind
from stations.units import Units


class Row(NamedTuple):
    """A row of the table: its label, its address, each line's figures, and each pair's difference as text."""

    label: str
    address: str
    cells: list[tuple[Field, Figures | None]]
    apart: list[str]


class Difference(NamedTuple):
    """Two lines' difference, and what the two sensors say of each other."""

    pair: Pair
    sketch: LinesSketch | None
    fit: Fit | None
    sentences: list[str]


@dataclass(frozen=True)
class ComparePage:
    """Fields beside each other over the shown period. Each part is queried at most once, and only if it is used.

    Unless `is_whole`, it leaves out the charts' first sketches.
    """

    chosen: Chosen
    navigation: Navigation
    units: Units
    is_whole: bool

    def content(self) -> dict[str, Any]:
        """Return the content by its names in the templates."""
        return {
            "station": self.chosen.lines[0].station,  # Its clock is the page's.
            "period": self.period,
            "navigation": self.navigation,
            "lines": [(line, self.extremes.get(line.name), self.chosen.without(line)) for line in self.chosen.lines],
            "has_readings": bool(self.extremes),
            "sketch": self.sketch,
            "differences": self.differences() if self.extremes else [],
            "table": self.table(),
            "brought": self.sketch and self._brought(self.sketch),
            "chart": self.chart(),
            "is_public": all(station.public for station in self.chosen.stations),
            "sharing": self.sharing(),
        }

    def sharing(self) -> dict[str, str]:
        """Return the address of this view, that of a picture which moves on with the time, and that of just this one.

        The link to today always opens the current day.
        """
        shown, picture, viewer = self.navigation, reverse("compare-svg"), viewer_query(self.units)
        return {
            "link": f"{settings.SERVER_ORIGIN}{reverse('compare')}?{shown.today if shown.is_today else shown.address}",
            "picture": f"{settings.SERVER_ORIGIN}{picture}?{rolling_query(shown)}&{viewer}",
            "own_picture": f"{picture}?{shown.own_address}&{viewer}",
        }

    @property
    def period(self) -> Period:
        return self.navigation.period

    @cached_property
    def sketch(self) -> LinesSketch | None:
        return sketch_of(self.chosen.lines, self.period) if self.is_whole and self.extremes else None

    @cached_property
    def sketched_differences(self) -> dict[str, LinesSketch]:
        if not self.sketch:
            return {}
        return {pair.name: sketch_of_difference(pair, self.period) for pair in self.chosen.pairs}

    def differences(self) -> list[Difference]:
        return [self._difference(pair) for pair in self.chosen.pairs]

    def _difference(self, pair: Pair) -> Difference:
        fit = comparison_fit(pair.line.field, pair.less.field, self.period.start, self.period.end)
        return Difference(pair, self.sketched_differences.get(pair.name), fit, fit_sentences(pair, fit, self.period))

    @cached_property
    def rows(self) -> dict[str, dict[int, Figures]]:
        """Return each row's figures by the line's name and the row's index."""
        found: dict[str, dict[int, Figures]] = {line.name: {} for line in self.chosen.lines}
        for station in self.chosen.stations:
            for number, part, figures in self._of_station(station):
                found[f"{station.pk}.{number}"][part] = figures
        return found

    def _of_station(self, station: Station) -> Iterator[tuple[int, int, Figures]]:
        """Yield the figures of a station's lines by the field's number and the row's index, by the page's clock."""
        edges = [self.period.start, *(part.end for part in self.period.parts)]
        fields, is_long = self._fields_of(station), to_millis(edges[-1]) - to_millis(edges[0]) > SHORT_MS
        if station in self.chosen.elsewhere and is_long:
            for own in fields:
                days = by_days_of(self.chosen.zone, own, edges, self.navigation.now)
                yield from ((own.number, part, figures) for part, figures in days.items())
        else:
            found = History(station, fields, self.navigation.now).by_part(edges)
            yield from ((number, part, figures) for (number, part), figures in found.items())

    def _fields_of(self, station: Station) -> list[Field]:
        return [own for own in self.chosen.fields if own.station_id == station.pk]

    @cached_property
    def extremes(self) -> dict[str, Extremes]:
        """Return each line's figures over the period by its name, with the moments of its low and high."""
        found: dict[str, Extremes] = {}
        for station in self.chosen.stations:
            fields = self._fields_of(station)
            parts = {(own.number, part): each for own in fields for part, each in self.rows[name_of(own)].items()}
            history = History(station, fields, self.navigation.now)
            located = history.located(by_field(parts), self.period.start, self.period.end)
            found |= {f"{station.pk}.{number}": extremes for number, extremes in located.items()}
        return found

    def table(self) -> list[Row]:
        """Return a row for every part of the period that has already begun."""
        return [
            Row(
                part.label,
                self.navigation.of_part(part),
                [(line.field, self.rows[line.name].get(index)) for line in self.chosen.lines],
                [self._apart(pair, index) for pair in self.chosen.pairs],
            )
            for index, part in enumerate(self.period.parts)
            if part.start <= self.navigation.now
        ]

    def _apart(self, pair: Pair, index: int) -> str:
        own, other = (self.rows[line.name].get(index) for line in pair)
        return difference_of(pair, own, other)

    def chart(self) -> dict[str, Any]:
        """Return the configuration of the page's scripts, as readings/pages/chart_config.py does for a station."""
        return period_config(self.period, self.navigation.now) | {
            "compare": None,
            "query": self.chosen.query,
            "interval_s": max(station.interval_s for station in self.chosen.stations),
            "lines": [self._line(line) for line in self.chosen.lines],
            "fields": [self._pair(pair) for pair in self.chosen.pairs],
        }

    def _line(self, line: Line) -> dict[str, Any]:
        own = {"name": line.label, "number": line.name, "colour": line.colour, "axis": line.axis}
        own["interval_s"] = line.station.interval_s
        return field_config(line.field, self.units) | own | _asked(line.field)

    def _pair(self, pair: Pair) -> dict[str, Any]:
        # A difference of maxima, too, is drawn by its means.
        own = {"name": pair.label, "number": pair.name, "offset": 0.0, "kind": Kind.LEVEL.value}
        return field_config(pair.line.field, self.units) | own | _asked(pair.line.field, minus=pair.less.name)

    def _brought(self, sketch: LinesSketch) -> dict[str, Any]:
        drawn = {line.name: Sketch(plot) for line, plot in sketch.plots}
        drawn |= {name: Sketch(each.plots[0][1]) for name, each in self.sketched_differences.items()}
        return brought(drawn, self.period.start, self.period.end)


def _asked(own: Field, **more: str) -> dict[str, Any]:
    """Return the address of a field's series, and what is asked there."""
    return {"series_url": reverse("api-series", args=[own.station_id]), "asked": {"field": own.number, **more}}


def choices(user: AbstractBaseUser | AnonymousUser, chosen: Chosen) -> list[tuple[Station, list[tuple[str, Field]]]]:
    """Return each station that a viewer may see, with those of its fields that have readings and are not chosen."""
    stations = Station.objects.visible_to(user).with_fields()
    taken = {line.name for line in chosen.lines}

    def left(station: Station) -> list[tuple[str, Field]]:
        named = [(name_of(own), own) for own in station.fields.all() if own.newest_at and own.kind.is_averaged]
        return [(name, own) for name, own in named if name not in taken]

    ordered = sorted(stations, key=lambda station: in_order(station.name))
    return [(station, fields) for station in ordered if (fields := left(station))]
