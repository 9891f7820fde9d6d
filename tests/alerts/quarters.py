"""Quarters of an hour for tests: what a field had at a distance from a moment."""

from freetemp.fields import to_millis
from readings.calendar.days import day_start_ms
from readings.calendar.span import QUARTER_MS, quarter_start_ms
from readings.models import Day, Quarter
from readings.models.day import DayTotal
from readings.models.summary import Total


def have(field, start, values):
    """Give a field a quarter for each value, from a moment's quarter on."""
    start_ms = quarter_start_ms(to_millis(start))
    rows = {
        (field.station_id, field.number, start_ms + n * QUARTER_MS): Total(1, value, value, value)
        for n, value in enumerate(values)
    }
    Quarter.objects.replace(rows)


def have_days(field, first, values):
    """Give a field a day for each value, or for each (low, high), from a moment's day on."""
    start_ms = day_start_ms(field.station.zone, quarter_start_ms(to_millis(first)))
    rows = {}
    for n, value in enumerate(values):
        low, high = value if isinstance(value, tuple) else (value, value)
        at_ms = day_start_ms(field.station.zone, start_ms + n * 96 * QUARTER_MS + 48 * QUARTER_MS)
        rows[field.station_id, field.number, at_ms] = DayTotal(100, high, low, high, 1, high)
    Day.objects.replace(rows)
