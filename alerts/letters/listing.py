"""Many stations in a letter: a line for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from alerts.letters.records import records_told
from alerts.letters.section import Looked
from alerts.letters.troubles import others_told, outages_of
from alerts.models import Recipient
from readings.coverage_words import percentage
from readings.display.values import MISSING, number
from readings.history.by_kind import Amount
from readings.models.summary import Extremes
from stations.units import Units, displayed


class Entry(NamedTuple):
    """A station's line: its cells are under columns(). The sentences name it."""

    name: str
    page: str
    cells: Sequence[str]
    sentences: Sequence[str]


def columns(units: Units) -> list[str]:
    """Return the heads of the cells, with a recipient's units."""
    temperature, wind, rain = (displayed(each).symbol for each in (units.temperature, units.wind, units.rain))
    names = [(_("Low"), temperature), (_("Mean"), temperature), (_("High"), temperature), (_("Rain"), rain)]
    return [f"{name} {unit}" for name, unit in [*names, (_("Gust"), wind), (_("There"), "%")]]


def entry(looked: Looked, recipient: Recipient) -> Entry:
    """Return a station's line in the language that is active, from its first fields of each quantity."""
    units, covered = recipient.preferred, looked.coverage()
    share = next((covered[each.number] for each in looked.fields if each.number in covered), None)
    station, period, moments = looked.station, looked.period, looked.moments
    found = [
        *outages_of(station, period, moments),
        *records_told(looked.fields, period, looked.navigation.now, units),
    ]
    others = others_told(station, period, moments, recipient)
    return Entry(
        station.name,
        looked.page,
        [
            *(_cell(looked, ("temperature",), of, units) for of in ("min", "mean", "max")),
            _cell(looked, ("rain_amount", "rain_counter"), "sum", units),
            _cell(looked, ("wind_gust",), "max", units),
            percentage(share).rstrip("%").rstrip() if share else MISSING,
        ],
        [*(f"{station.name}: {each}" for each in found), *others],
    )


def _cell(looked: Looked, quantities: Sequence[str], figure: str, units: Units) -> str:
    """Return a figure of the first field of some quantities."""
    field = next((each for each in looked.fields if each.quantity in quantities), None)
    found = looked.figures.get(field.number) if field else None
    if field is None or not isinstance(found, Extremes | Amount):
        return MISSING
    return number(getattr(found.summary if isinstance(found, Extremes) else found, figure), field, units)
