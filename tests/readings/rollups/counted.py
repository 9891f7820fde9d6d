"""The right rollups and means, counted from the raw readings one by one without any of the code under test."""

from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from math import cos, fsum, radians, sin
from statistics import fmean

import pytest

from freetemp.fields import from_millis, to_millis
from readings.models import Day, DirectionDay, DirectionQuarter, Quarter, Reading


def expected(station, width):
    """Return {(field, start in milliseconds): values} for the plausible readings, by `quarter` or `day`.

    The values of a counter are what each reading added.
    """
    limits = {field.number: field for field in station.fields.all()}
    rows = Reading.objects.filter(station=station).order_by("field", "measured_at")
    groups = {}
    for number, readings in groupby(rows.values_list("field", "measured_at", "value"), key=lambda row: row[0]):
        field = limits[number]
        plausible = [(at, value) for _, at, value in readings if field.is_plausible(value)]
        for at, value in added(plausible, field) if field.quantity == "rain_counter" else plausible:
            moment = at - timedelta(milliseconds=1) if field.quantity in ("rain_amount", "rain_counter") else at
            start = quarter_of(moment) if width == "quarter" else midnight_of(quarter_of(moment), station.zone)
            groups.setdefault((number, to_millis(start)), []).append(value)
    return groups


def added(readings, field):
    """Yield what each reading of a rain counter in mm added: docs/figures.md has the rules."""
    before = None
    for at, value in readings:
        amount = 0.0
        if before is not None:
            hours = max((at - before[0]) / timedelta(hours=1), 1 / 60)
            most = 491 * hours**0.452
            rolled = field.rolls_over_at and value + field.rolls_over_at - before[1]
            if value >= before[1] and value - before[1] <= most:
                amount = value - before[1]
            elif value < before[1] and rolled and rolled <= most:
                amount = rolled
            elif value < before[1] and value <= most:
                amount = value
        yield at, amount
        before = at, value


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
            assert count == len(values), (width, from_millis(key[1]))
            assert (low, high) == pytest.approx((min(values), max(values)), rel=1e-12, abs=1e-12), from_millis(key[1])
            assert abs(total - fsum(values)) <= 1e-9 * fsum(map(abs, values)), (width, from_millis(key[1]))
    kept = Day.objects.filter(station=station).values_list("field", "start", "hours", "hour_sum", "min", "max")
    means = hours_of(station)
    for number, start, hours, hour_sum, low, high in kept:
        right = means[number, to_millis(start)].values()
        assert hours == len(right), start
        assert abs(hour_sum - fsum(right)) <= 1e-9 * hours * max(abs(low), abs(high)), start
    assert_directions_equal_the_readings(station)


def assert_directions_equal_the_readings(station):
    quarters = expected(station, "quarter")
    fields = list(station.fields.order_by("pk"))
    speed = next((field.number for field in fields if field.quantity == "wind_speed"), None)
    right, days = {}, {}
    for (number, start), values in quarters.items():
        if any(field.number == number and field.quantity == "wind_direction" for field in fields):
            east, north = (fsum(function(radians(value)) for value in values) for function in (sin, cos))
            right[number, start] = (len(values), east, north)
            day = to_millis(midnight_of(from_millis(start), station.zone))
            mean_east, mean_north = east / len(values), north / len(values)
            speeds = quarters.get((speed, start))
            mean = fmean(speeds) if speeds else 0.0
            weighted = (int(bool(speeds)), mean, mean * mean_east, mean * mean_north)
            days.setdefault((number, day), []).append((1, mean_east, mean_north, *weighted))
    of_days = {key: [fsum(column) for column in zip(*rows, strict=True)] for key, rows in days.items()}
    for rollup, wanted in ((DirectionQuarter, right), (DirectionDay, of_days)):
        rows = rollup.objects.filter(station=station).values_list("field", "start", *rollup.objects.all().columns)
        there = {(number, to_millis(start)): vectors for number, start, *vectors in rows}
        assert there.keys() == wanted.keys(), rollup
        for key, vectors in wanted.items():
            assert there[key] == pytest.approx(list(vectors), rel=1e-9, abs=1e-7), (rollup, from_millis(key[1]))
