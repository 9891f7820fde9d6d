"""What a letter tells of one station: figures, gaps, records and troubles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.letters.records import records_told
from alerts.letters.troubles import others_told, outages_of
from alerts.models import Recipient
from freetemp.formatting import dated
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period
from readings.charts.drawing_process import period_png
from readings.charts.facts import Fact, facts_told, short_of
from readings.charts.period_chart import chart_of_period
from readings.coverage_words import covered, gap_words, same_coverage
from readings.display.field_names import named
from readings.history.by_kind import Telling
from readings.history.by_kind import Told as Figures
from readings.history.coverage import Coverage, measure_coverage
from readings.models.summary import Extremes
from stations.models import Field, Station
from stations.models.station import newest_at

MOST_FIELDS, MOST_SENTENCES = 12, 8


class Chart(NamedTuple):
    """A picture by its name in the HTML, as a PNG, and what it shows in words."""

    name: str
    png: bytes
    alt: str


class Section(NamedTuple):
    """A station in words. `short` is its first field's main figure: “3.2 to 11.8 °C”."""

    name: str
    about: str
    days: str
    page: str
    short: str
    rows: Sequence[tuple[str, Sequence[Fact]]]
    more_fields: str
    nothing: str
    covered: Sequence[str]
    records: Sequence[str]
    outages: Sequence[str]
    told: Sequence[str]
    chart: Chart | None


class Looked(NamedTuple):
    """A station's period with its fields' figures, by the field's number."""

    station: Station
    fields: Sequence[Field]
    navigation: Navigation
    figures: dict[int, Figures]

    @classmethod
    def at(cls, station: Station, period: Period, now: datetime) -> Looked:
        fields = list(station.fields.all())
        figures = Telling(station, fields, now).told(period.start, period.end)
        return cls(station, fields, Navigation(period, now), figures)

    @property
    def period(self) -> Period:
        return self.navigation.period

    @property
    def told(self) -> list[tuple[Field, Figures]]:
        return [(each, self.figures[each.number]) for each in self.fields if each.number in self.figures]

    @property
    def moments(self) -> str:
        """Return the format of a moment: in a week, a weekday and a time name one."""
        return "H:i" if self.period.kind == "day" else "D H:i"

    @property
    def page(self) -> str:
        return f"{settings.SERVER_ORIGIN}{self.station.get_absolute_url()}?{self.navigation.address}"

    def coverage(self) -> dict[int, Coverage]:
        period, now = self.period, self.navigation.now
        return measure_coverage(self.station, self.fields, period.start, period.end, now)


def section_of(looked: Looked, recipient: Recipient, days: str) -> Section:
    """Return what there is to tell of a station, in the language that is active. The letter itself names `days`."""
    units, told, station = recipient.preferred, looked.told, looked.station
    rows = [(named(field), facts_told(figures, field, looked.period, units, looked.moments)) for field, figures in told]
    more = len(rows) - MOST_FIELDS
    first = next(((field, each) for field, each in told if isinstance(each, Extremes)), None)
    return Section(
        name=station.name,
        about=" · ".join(filter(None, _about(looked, recipient, days))),
        days=looked.navigation.title,
        page=looked.page,
        short=short_of(first[1], first[0], looked.period, units) if first else "",
        rows=rows[:MOST_FIELDS],
        more_fields=ngettext("%(count)d more field is on the page.", "%(count)d more fields are on the page.", more)
        % {"count": more}
        if more > 0
        else "",
        nothing="" if rows else _nothing(looked),
        covered=list(_covered(looked)) if rows else [],
        records=list(records_told(looked.fields, looked.period, looked.navigation.now, units))[:MOST_SENTENCES],
        outages=list(outages_of(station, looked.period, looked.moments)),
        told=others_told(station, looked.period, looked.moments, recipient),
        chart=_chart(looked, *first, recipient) if first else None,
    )


def _about(looked: Looked, recipient: Recipient, days: str) -> Iterator[str]:
    station, title = looked.station, looked.navigation.title
    yield station.place
    yield _("Simulated") if station.simulated else ""
    yield title if title != days else ""
    yield station.timezone if station.timezone != recipient.timezone else ""


def _nothing(looked: Looked) -> str:
    newest = newest_at(looked.fields)
    if newest is None or newest > looked.period.end:
        return looked.navigation.nothing
    moment = dated(newest.astimezone(looked.period.zone), "j M Y, H:i")
    last = _("The last one is of %(moment)s.") % {"moment": moment}
    return f"{looked.navigation.nothing} {last}"


def _covered(looked: Looked) -> Iterator[str]:
    """Yield a sentence on missing readings for all fields that have the same."""
    found = looked.coverage()
    groups = same_coverage((field, found.get(field.number)) for field in looked.fields)
    for fields, each in groups[:MOST_SENTENCES]:
        gap = gap_words(each.gap, looked.navigation) if each.gap else None
        began = dated(each.since.astimezone(looked.period.zone), "j M Y, H:i")
        sentence = covered(each, looked.navigation.now, gap, began, str.format)
        yield sentence if len(groups) == 1 else f"{', '.join(map(named, fields))}: {sentence}"


def _chart(looked: Looked, field: Field, found: Extremes, recipient: Recipient) -> Chart | None:
    """Return the chart of a field, or None if it cannot be drawn: the words are all there."""
    units, period = recipient.preferred, looked.period
    try:
        png = period_png(chart_of_period(field, found, period, units))
    except OSError:
        return None
    facts = "; ".join(said(each) for each in facts_told(found, field, period, units, looked.moments))
    alt = f"{looked.station.name}, {named(field)}, {looked.navigation.title}. {facts}."
    return Chart(f"chart-{looked.station.pk}", png, alt)


def said(fact: Fact) -> str:
    """Return a fact as text: “Low 3.2 °C (06:40)”."""
    return f"{fact.label} {fact.value}" + (f" ({fact.moment})" if fact.moment else "")
