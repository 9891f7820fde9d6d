"""The right rollups and means, counted from the raw readings one by one without any of the code under test."""

from datetime import UTC, datetime, time, timedelta
from math import fsum
from statistics import fmean

from freetemp.fields import from_millis, to_millis
from readings.models import Day, Quarter, Reading


def expected(station, width):
    """Return {(field, start in milliseconds): values} for the plausible readings, by `quarter` or `day`."""
    limits = {field.number: field for field in station.fields.all()}
    groups = {}
    for number, at, value in Reading.objects.filter(station=station).values_list("field", "measured_at", "value"):
        if limits[number].is_plausible(value):
            start = quarter_of(at) if width == "quarter" else midnight_of(quarter_of(at), station.zone)
            groups.setdefault((number, to_millis(start)), []).append(value)
    return groups


def quarter_of(moment):
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def midnight_of(moment, zone):
    """Return the last midnight of the zone's calendar up to a moment."""
    day = moment.astimezone(zone).date()
    midnights = [datetime.combine(day + timedelta(days=n), time(), zone).astimezone(UTC) for n in (-1, 0, 1)]
    return max(midnight for midnight in midnights if midnight <= moment)


def hours_of(station):
    """Return {(field, start of the day): {hour since then: mean}}, each the mean of the hour's quarters."""
    days = {}
    for (number, quarter), values in expected(station, "quarter").items():
        start = to_millis(midnight_of(from_millis(quarter), station.zone))
        hours = days.setdefault((number, start), {})
        hours.setdefault((quarter - start) // 3_600_000, []).append(fmean(values))
    return {day: {hour: fmean(means) for hour, means in hours.items()} for day, hours in days.items()}


def day_means(station):
    """Return {(field, start of the day): mean}, each the mean of the day's hours."""
    return {day: fmean(hours.values()) for day, hours in hours_of(station).items()}


def stored(rollup, station):
    rows = rollup.objects.filter(station=station).values_list("field", "start", "count", "sum", "min", "max")
    return {(number, to_millis(start)): total for number, start, *total in rows}


def assert_rollups_equal_the_readings(station):
    for rollup, width in ((Quarter, "quarter"), (Day, "day")):
        groups, rows = expected(station, width), stored(rollup, station)
        assert rows.keys() == groups.keys(), width
        for key, values in groups.items():
            count, total, low, high = rows[key]
            assert (count, low, high) == (len(values), min(values), max(values)), (width, from_millis(key[1]))
            assert abs(total - fsum(values)) <= 1e-9 * fsum(map(abs, values)), (width, from_millis(key[1]))
    kept = Day.objects.filter(station=station).values_list("field", "start", "hours", "hour_sum", "min", "max")
    means = hours_of(station)
    for number, start, hours, hour_sum, low, high in kept:
        right = means[number, to_millis(start)].values()
        assert hours == len(right), start
        assert abs(hour_sum - fsum(right)) <= 1e-9 * hours * max(abs(low), abs(high)), start
