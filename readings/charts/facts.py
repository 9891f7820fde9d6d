"""A field's figures over a period, in the words of a picture: they depend on the kind of its quantity."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from freetemp.fields import from_millis
from freetemp.formatting import dated
from readings.calendar.periods import Period
from readings.charts.plot import Frame
from readings.display.values import is_one_value, quantity, rate, spread
from readings.display.winds import wind_words
from readings.history.by_kind import Told
from readings.history.directions import Wind, winds
from readings.history.sums import SumSeries
from readings.models.summary import Extremes
from stations.models import Field
from stations.quantities import Kind
from stations.units import Units

_MOST_IN = {
    "quarter": gettext_lazy("Most in a quarter of an hour"),
    "hour": gettext_lazy("Most in an hour"),
    "day": gettext_lazy("Most in a day"),
    "month": gettext_lazy("Most in a month"),
}


class Fact(NamedTuple):
    """“High”, “21.4 °C”, “14:20”: the moment may be empty."""

    label: str
    value: str
    moment: str = ""


def facts_of(found: Extremes, plot: Frame, period: Period, units: Units, moments: str) -> list[Fact]:
    """Return the figures of a field over a period, the main one first. `moments` is the format of a moment in it."""
    field, figures = plot.field, found.summary
    if isinstance(plot.series, SumSeries):
        return [Fact(_("Sum"), quantity(figures.sum, field, units)), *_most(plot.series, field, period, units, moments)]
    if field.kind is Kind.DIRECTION:
        return _of_direction(field, period)
    return _of_level(found, field, period, units, moments)


def facts_told(told: Told, field: Field, period: Period, units: Units, moments: str) -> list[Fact]:
    """Return what Telling.told() has of a field, as the station's page shows it."""
    if isinstance(told, Extremes):
        return _of_level(told, field, period, units, moments)
    if isinstance(told, Wind):
        return [Fact(_("Mean"), wind_words(*told))]
    of_sum = [Fact(_("Sum"), quantity(told.sum, field, units))]
    if told.rate is None:
        return of_sum
    at = dated(told.rate.at.astimezone(period.zone), moments)
    return [*of_sum, Fact(_("At most"), rate(told.rate.an_hour, field, units), at)]


def _of_level(found: Extremes, field: Field, period: Period, units: Units, moments: str) -> list[Fact]:
    figures = found.summary

    def told(at: datetime) -> str:
        return dated(at.astimezone(period.zone), moments)

    high = Fact(_("High"), quantity(figures.max, field, units), told(found.max_at))
    if field.kind is Kind.MAXIMUM:
        return [high]
    low = quantity(figures.min, field, units)
    if figures.n == 1:
        return [Fact(_("Only reading"), low, told(found.min_at))]
    if is_one_value(figures.min, figures.max, field, units):
        return [Fact(_("Constant"), low)]
    mean = Fact(_("Mean"), quantity(figures.mean, field, units))
    return [Fact(_("Low"), low, told(found.min_at)), mean, high]


def short_of(found: Extremes, field: Field, period: Period, units: Units) -> str:
    """Return a field's main figure in few words: “8.2 to 21.4 °C” for a level, “Sum 12.4 mm”."""
    figures = found.summary
    if field.kind is Kind.LEVEL:
        return spread(figures.min, figures.max, field, units)
    if field.kind is Kind.DIRECTION:
        return _in_short(*_of_direction(field, period)[:1])
    if field.kind is Kind.MAXIMUM:
        return _in_short(Fact(_("High"), quantity(figures.max, field, units)))
    return _in_short(Fact(_("Sum"), quantity(figures.sum, field, units)))


def _in_short(*facts: Fact) -> str:
    return " ".join(f"{fact.label} {fact.value}" for fact in facts)


def _most(series: SumSeries, field: Field, period: Period, units: Units, moments: str) -> list[Fact]:
    """Return the bar with the highest sum, the first of several."""
    most = max(series.sum, default=0.0)
    if most <= 0 or len(series.sum) < 2:
        return []
    start = from_millis(round(series.time[series.sum.index(most)] * 1000)).astimezone(period.zone)
    style = {"day": "j M", "month": "M Y"}.get(series.per, moments)
    return [Fact(str(_MOST_IN[series.per]), quantity(most, field, units), dated(start, style))]


def _of_direction(field: Field, period: Period) -> list[Fact]:
    found = winds([field], [period.start, period.end]).get((field.number, 0))
    return [Fact(_("Mean"), wind_words(found.mean, found.steadiness))] if found else []
