"""The content of the picture that other sites show for a link to a station."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _

from freetemp.formatting import dated
from readings.charts.drawn_line import line_of
from readings.charts.link_preview_parts import PLOT, Line, Preview
from readings.charts.of_kind import plot_of
from readings.display.field_names import named
from readings.display.values import is_implausible, newest, quantity
from readings.history.sums import since_midnight
from readings.history.totals import History
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.models.status import LATE_AFTER
from stations.units import Units

_POINTS, _MOST_TICKS, _MOST_OTHERS = 300, 9, 3


def preview(station: Station, units: Units, now: datetime) -> Preview:
    """Return a station's first field now and over the last 24 hours, and the newest values of some other fields."""
    fields = list(station.fields.all())
    first = fields[0] if fields and fields[0].newest_value is not None else None
    line = _line(station, first, units, now) if first else Line()
    known = [each for each in fields if each.newest_value is not None]
    sums = since_midnight(known, last) if (last := newest_at(known)) else {}
    value, symbol = newest(first, units, sums.get((station.pk, first.number))) if first else ("", "")
    others = (_other(each, first, units, sums) for each in known if each is not fields[0] and has_told(each, sums))
    return Preview(
        station.name,
        _("Station %(number)s") % {"number": station.pk},
        " · ".join(filter(None, [station.place, _("Simulated") if station.simulated else ""])),
        value,
        symbol,
        _moment(first) if first else "",
        tuple(islice(others, _MOST_OTHERS)),
        line,
        _note(first, line),
    )


Sums = Mapping[tuple[int, int], float]  # since midnight, by station and number


def _moment(field: Field) -> str:
    """Return the moment of a field's newest value; a sum is that of its day until then."""
    moment = moment_of(field.newest_at, field.station) if field.newest_at else ""
    return _("since midnight, %(moment)s") % {"moment": moment} if field.kind.is_sum else moment


def has_told(field: Field, sums: Sums) -> bool:
    """Tell whether there is a value to tell: a sum has none before the day's first report."""
    return not field.kind.is_sum or (field.station_id, field.number) in sums


def in_words(field: Field, since_midnight: float, units: Units) -> str:
    """Return a sum's name and what came on the day: “Rain 3.2 mm since midnight”."""
    told = _("%(amount)s since midnight") % {"amount": quantity(since_midnight, field, units)}
    return f"{named(field)} {told}"


def moment_of(at: datetime, station: Station) -> str:
    """Return a moment in the station's zone, in words that are still true when somebody reads them later."""
    return dated(at.astimezone(station.zone), "j M Y, H:i")


def _other(field: Field, first: Field | None, units: Units, sums: Sums) -> str:
    """Return a field's name and newest value, with the day of a value that does not belong to the moment shown."""
    if field.kind.is_sum:
        return in_words(field, sums[field.station_id, field.number], units)
    at, text = field.newest_at, f"{named(field)} {quantity(field.newest_value, field, units)}"
    if at is None or (first and first.newest_at and are_together(at, first.newest_at, field.station)):
        return text
    return f"{text} ({moment_of(at, field.station)})"


def are_together(one: datetime, other: datetime, station: Station) -> bool:
    """Tell whether two moments are so close that one of them can be shown for both."""
    return abs(one - other) <= timedelta(seconds=LATE_AFTER * station.interval_s)


def _note(first: Field | None, line: Line) -> str:
    if first is None:
        return _("Waiting for its first reading")
    if is_implausible(first):
        return _("not plausible")
    return _("No readings in the last 24 hours") if line.is_empty else ""


def _line(station: Station, field: Field, units: Units, now: datetime) -> Line:
    start = now - timedelta(days=1)
    extremes = History(station, [field]).extremes(start, now).get(field.number)
    if not extremes:
        return Line()
    return line_of(plot_of(field, start, now, _POINTS, units, PLOT), extremes, units, _MOST_TICKS)
