"""The records of a station that fall into a letter's days, from the almanac."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from freetemp.formatting import dated
from readings.almanac.days import Record, highest, highest_of_days, local_day, sums_of_days
from readings.almanac.levels import AlmanacQuerySet, Records
from readings.calendar.days import running_day
from readings.calendar.periods import Period
from readings.display.field_names import named
from readings.display.values import quantity
from readings.models import Day
from stations.models import Field
from stations.quantities import Kind
from stations.units import Units

LEAST = timedelta(days=365)  # of readings before: until then each season brings records of its own


def records_told(fields: Sequence[Field], period: Period, now: datetime, units: Units) -> Iterator[str]:
    """Yield a sentence for each record of a period if its field has readings for a year before."""
    first, last = (at.astimezone(period.zone).date() for at in (period.start, period.end - timedelta(milliseconds=1)))
    for sentence, field, record, since in _records(fields, period.zone, now):
        if first <= record.day <= last and first - since >= LEAST:
            day, begun = dated(record.day, "D j M"), dated(since, "j F Y")
            words = {"field": named(field), "value": quantity(record.value, field, units), "day": day, "since": begun}
            yield sentence % words


def _records(fields: Sequence[Field], zone: ZoneInfo, now: datetime) -> Iterator[tuple[str, Field, Record, date]]:
    """Yield each record up to now with its sentence and its field's first day."""
    highest_ever = _("%(field)s: %(value)s on %(day)s is the highest value since %(since)s.")
    of_levels = _of_levels(fields, zone, now)
    for field in fields:
        if each := of_levels.get(field.number):
            yield highest_ever, field, each.highest, each.since
            lowest_ever = _("%(field)s: %(value)s on %(day)s is the lowest value since %(since)s.")
            yield lowest_ever, field, each.lowest, each.since
        elif field.kind is Kind.MAXIMUM and (days := highest_of_days(field)):
            yield highest_ever, field, highest(days, zone), local_day(days[0].start_ms, zone)
        elif field.kind.is_sum and (days := sums_of_days(field)):
            most = _("%(field)s: %(value)s on %(day)s is the highest sum of a day since %(since)s.")
            yield most, field, highest(days, zone), local_day(days[0].start_ms, zone)


def _of_levels(fields: Sequence[Field], zone: ZoneInfo, now: datetime) -> dict[int, Records]:
    levels = [field for field in fields if field.kind is Kind.LEVEL]
    if not levels:
        return {}
    numbers = [field.number for field in levels]
    return AlmanacQuerySet(Day).records(levels[0].station, numbers, running_day(zone, now).start_ms)
