"""The content of the chart that a letter brings along."""

from __future__ import annotations

from readings.calendar.periods import Period
from readings.charts.drawn_line import line_of
from readings.charts.of_kind import plot_of
from readings.charts.palette import LIGHT
from readings.charts.period_chart_parts import PLOT, PeriodChart
from readings.models.summary import Extremes
from stations.models import Field
from stations.units import Units

_POINTS, _MOST_LEVELS = 450, 5
_MOST_HOURS, _MOST_DAYS = 5, 8  # marks of a day's axis, and of a longer one: “Mon” is shorter than “00:00”


def chart_of_period(field: Field, found: Extremes, period: Period, units: Units) -> PeriodChart:
    """Return what is drawn of a level or a maximum over a period of its station, whose figures are `found`."""
    plot = plot_of(field, period.start, period.end, _POINTS, units, PLOT)
    numbers = [each.number for each in field.station.fields.all()]
    colour = LIGHT.series[numbers.index(field.number) % len(LIGHT.series)]
    most = _MOST_HOURS if period.kind == "day" else _MOST_DAYS
    return PeriodChart(line_of(plot, found, units, most), tuple(plot.levels(_MOST_LEVELS)), colour)
