"""Records: the highest or lowest of a year, or ever. The day before is judged, when it is over.

A day that goes on may break its own record ten times. A station needs a year of data: in its first months everything
is a record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from alerts.rules.minded import Minded
from alerts.rules.state import State
from freetemp.fields import MILLISECOND, from_millis
from readings.calendar.days import midnight_ms
from readings.calendar.span import Span
from readings.models import Day
from readings.models.day import DayExtremes
from stations.models import Field, Station

WITH_LOW_AND_HIGH = frozenset({"temperature", "pressure"})
WITH_HIGH = frozenset({"wind_gust", "wind_speed", "rain_amount", "rain_counter"})
WEATHER = WITH_LOW_AND_HIGH | WITH_HIGH
INDOORS = ("indoor", "innen")
YEAR, ENOUGH_DAYS = timedelta(days=365), 300
AFTER_MIDNIGHT = timedelta(hours=1)  # Readings of the last evening may come late.


class Broken(NamedTuple):
    """A record of a day: its value, and whether it is the lowest, and the most extreme ever."""

    value: float
    is_low: bool
    is_ever: bool

    @property
    def detail(self) -> str:
        return f"{'low' if self.is_low else 'high'} {'ever' if self.is_ever else 'year'}"


class Records:
    """Finds them once a day for each field, and keeps what it has found for that day."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, Broken | None]] = {}  # by field: the start of today, and what was found

    def broken(self, minded: Minded, at: datetime) -> Iterator[State]:
        """Yield whether yesterday each weather field of some stations broke a record."""
        days = {station.pk: _days(station, at) for station, _ in minded}
        known = {station.pk: (station, rule) for station, rule in minded}
        weather = Field.objects.filter(quantity__in=WEATHER, newest_at__isnull=False).order_by("pk")
        fields = [field for field in weather if field.station_id in known and is_weather(field)]
        unknown = [each for each in fields if self._kept.get(each.pk, (0,))[0] != days[each.station_id].end_ms]
        found = broken_on({field: days[field.station_id] for field in unknown})
        self._kept |= {each.pk: (days[each.station_id].end_ms, found.get(each.pk)) for each in unknown}
        for field in fields:
            station, rule = known[field.station_id]
            day, record = days[station.pk], self._kept[field.pk][1]
            today = from_millis(day.end_ms)
            if record is None:
                yield State(rule, station, False, False, field, ends_before=today)
            else:
                began_at = from_millis(day.start_ms)
                yield State(rule, station, True, False, field, record.value, record.detail, began_at, today)


def broken_on(days: dict[Field, Span]) -> dict[int, Broken]:
    """Return the records that fields broke, each on its day, by the fields' numbers in the database."""
    year_ms = YEAR // MILLISECOND
    on_day = _extremes(days)
    before = _extremes({field: Span(day.start_ms - year_ms, day.start_ms) for field, day in days.items()})
    found = {
        field.pk: broken
        for field in days
        if (own := on_day.get(field.pk)) and (past := before.get(field.pk)) and (broken := compared(field, own, past))
        if past.days >= ENOUGH_DAYS
    }
    ever = _extremes({field: Span(0, day.start_ms) for field, day in days.items() if field.pk in found})
    by_pk = {field.pk: field for field in days}
    for pk, broken in found.items():
        of_all = compared(by_pk[pk], on_day[pk], ever[pk])
        found[pk] = broken._replace(is_ever=of_all is not None and of_all.is_low == broken.is_low)
    return found


def compared(field: Field, own: DayExtremes, before: DayExtremes) -> Broken | None:
    """Return how a day beats earlier ones by what the field shows, or None if it does not."""
    step = 10**-field.decimals * 0.999
    if field.kind.is_sum:
        return Broken(own.most, False, False) if own.most >= before.most + step else None
    if own.max >= before.max + step:
        return Broken(own.max, False, False)
    is_lower = field.quantity in WITH_LOW_AND_HIGH and own.min <= before.min - step
    return Broken(own.min, True, False) if is_lower else None


def _extremes(spans: dict[Field, Span]) -> dict[int, DayExtremes]:
    wanted = {field.pk: (field.station_id, field.number, span) for field, span in spans.items()}
    return Day.objects.extremes_of(wanted) if wanted else {}


def _days(station: Station, at: datetime) -> Span:
    """Return the last day of a station that is over, and has been for an hour."""
    today = (at - AFTER_MIDNIGHT).astimezone(station.zone).date()
    return Span(midnight_ms(today - timedelta(days=1), station.zone), midnight_ms(today, station.zone))


def is_weather(field: Field) -> bool:
    """Tell whether a field has records that anybody wants to hear of."""
    return field.quantity in WEATHER and not any(word in field.name.casefold() for word in INDOORS)
