"""The last month of a station's outages on its own page: a line of words and a strip, or a link if there was none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from freetemp.fields import from_millis, to_millis
from freetemp.kept import Kept
from freetemp.sql import execute
from freetemp.translations import active_language
from outages.models import Outage
from outages.timeline import Month
from readings.calendar.days import midnight
from readings.models import Reading
from stations.models import Station

DAYS = 30
LONGEST_DAY = timedelta(hours=25)
MOST = 500  # outages of a month. A station that has more is not to be helped by a drawing.
MINUTE_MS = 60_000
KEPT_STATIONS = 2_000
# The colours of static/css/outages.css. They are attributes here: a first visit has no byte of style to spare.
FILLS = {"server": "--series-3", "network": "--accent", "power": "--bad", "board": "--warn", "unknown": "--muted"}

# Django takes longer to build it than the database to answer it, and most stations have none.
_LATELY = (
    "SELECT began_at, ended_at, expected, arrived, cause FROM outages_outage"  # noqa: S608 - a number of ours
    " WHERE station_id = %s AND began_at > %s UNION ALL SELECT began_at, ended_at, expected, arrived, cause FROM"
    " (SELECT * FROM outages_outage WHERE station_id = %s AND began_at <= %s ORDER BY began_at DESC LIMIT 1) AS last"
    f" WHERE ended_at IS NULL OR ended_at > %s ORDER BY began_at LIMIT {MOST}"
)


class Row(NamedTuple):
    """An outage, as far as the strip shows it."""

    began_ms: int
    ended_ms: int | None
    expected: int
    arrived: int
    cause: str

    def outage(self) -> Outage:
        ended_at = None if self.ended_ms is None else from_millis(self.ended_ms)
        own = {"expected": self.expected, "arrived": self.arrived, "cause": self.cause}
        return Outage(began_at=from_millis(self.began_ms), ended_at=ended_at, **own)


class Strip:
    """A part of a station's page. The outages of a station are looked up once a minute: pages are of a minute, too."""

    def __init__(self) -> None:
        self._kept: Kept[int, tuple[int, tuple[Row, ...]]] = Kept(KEPT_STATIONS)
        self._drawn: Kept[tuple[object, ...], tuple[int, SafeString]] = Kept(KEPT_STATIONS)

    def state(self, station: Station, at: datetime) -> tuple[Row, ...]:
        """Return the outages that have a part in the last month, in order."""
        minute = to_millis(at) // MINUTE_MS
        known = self._kept.get(station.pk)
        if known is None or known[0] != minute:
            known = minute, _lately(station, at)
            self._kept.put(station.pk, known)
        return known[1]

    def forget(self) -> None:
        self._kept.clear()
        self._drawn.clear()

    def html(self, station: Station, at: datetime) -> SafeString:
        minute, key = to_millis(at) // MINUTE_MS, (station.pk, station.timezone, active_language(), get_script_prefix())
        known = self._drawn.get(key)
        if known is None or known[0] != minute:
            known = minute, self._draw(station, at)
            self._drawn.put(key, known)
        return known[1]

    def _draw(self, station: Station, at: datetime) -> SafeString:
        rows = self.state(station, at)
        address = reverse("station-outages", args=[station.pk])
        if not rows:
            words = _("Outages and their causes")
            return format_html('<p class="coverage"><a href="{}">{}</a></p>', address, words)
        month = _month(station, rows, from_millis(to_millis(at) // MINUTE_MS * MINUTE_MS))
        marks = [(mark, FILLS[mark.kind]) for mark in month.marks]
        told = {"month": month, "marks": marks, "days": DAYS, "address": address}
        return render_to_string("outages/_strip.html", told)


def _lately(station: Station, at: datetime) -> tuple[Row, ...]:
    since_ms = to_millis(at - DAYS * LONGEST_DAY)
    found = execute(_LATELY, [station.pk, since_ms, station.pk, since_ms, since_ms]).returned
    return tuple(Row(*row) for row in found)


def _month(station: Station, rows: tuple[Row, ...], now: datetime) -> Month:
    """Return the last days of the station's calendar, up to the end of today."""
    today = now.astimezone(station.zone).date()
    start, end = (midnight(today + timedelta(days=days), station.zone) for days in (1 - DAYS, 1))
    known = Reading.objects.span(station)
    since = max(start, known[0]) if known else start
    outages = [each for each in (row.outage() for row in rows) if (each.ended_at or now) > since]
    return Month(start, end, min(since, now), now, "", outages)


strip = Strip()
