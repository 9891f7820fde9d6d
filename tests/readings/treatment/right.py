"""What counts, told from the rows of marks and sensors one by one, without any of the code under test."""

from datetime import timedelta
from math import fsum
from statistics import fmean

from freetemp.fields import from_millis, to_millis
from readings.models import Day, Quarter, Reading, Sensor, SetAside
from tests.readings.rollups.counted import midnight_of, quarter_of


def counting(station):
    """Return {(field, moment): value} of the readings that count."""
    marks = list(SetAside.objects.filter(station=station, state="active"))
    sensors = list(Sensor.objects.filter(station=station, state="active"))
    found = {}
    for number, at, raw in Reading.objects.filter(station=station).values_list("field", "measured_at", "value"):
        if any(each.field in (None, number) and holds(each, at) and is_cut(each, raw) for each in marks):
            continue
        (hung,) = [each for each in sensors if each.field == number and holds(each, at)] or [None]
        found[number, at] = raw if hung is None else raw * hung.factor + hung.offset
    return found


def holds(row, at):
    return row.start <= at and (row.end is None or at < row.end)


def is_cut(mark, raw):
    if mark.below is None and mark.above is None:
        return True
    return (mark.below is not None and raw < mark.below) or (mark.above is not None and raw > mark.above)


def assert_all_follows(station):
    """Check the rollups, the newest values and the columns that say what is treated."""
    values, limits = counting(station), {field.number: field for field in station.fields.all()}
    plausible = {key: value for key, value in values.items() if limits[key[0]].is_plausible(value)}
    quarters, days, hours = {}, {}, {}
    for (number, at), value in sorted(plausible.items()):
        quarter, midnight = quarter_of(at), midnight_of(quarter_of(at), station.zone)
        quarters.setdefault((number, quarter), []).append(value)
        days.setdefault((number, midnight), []).append(value)
    for (number, quarter), each in quarters.items():
        midnight = midnight_of(quarter, station.zone)
        of_day = hours.setdefault((number, midnight), {})
        of_day.setdefault((quarter - midnight) // timedelta(hours=1), []).append(fmean(each))
    for rollup, right in ((Quarter, quarters), (Day, days)):
        rows = {(row.field, row.start): row for row in rollup.objects.filter(station=station)}
        assert rows.keys() == right.keys(), rollup
        for key, each in right.items():
            row = rows[key]
            assert (row.count, row.min, row.max) == (len(each), min(each), max(each)), (rollup, key)
            assert abs(row.sum - fsum(each)) <= 1e-9 * fsum(map(abs, each)), (rollup, key)
            if rollup is Day:
                means = [fmean(of_hour) for of_hour in hours[key].values()]
                assert row.hours == len(means), key
                assert abs(row.hour_sum - fsum(means)) <= 1e-9 * len(means) * max(abs(row.min), abs(row.max)), key
    for field in limits.values():
        last = max((at for number, at in values if number == field.number), default=None)
        assert (field.newest_at, field.newest_value) == (last, None if last is None else values[field.number, last])
        marks = SetAside.objects.filter(station=station, state="active")
        sensors = Sensor.objects.filter(station=station, state="active", field=field.number)
        is_treated = any(each.field in (None, field.number) for each in marks)
        is_treated |= any((each.factor, each.offset) != (1, 0) for each in sensors)
        assert field.is_treated == is_treated, field


def all_of(station):
    """Return all that is stored of a station's readings, to the last bit, but for sums of means, which are rounded."""
    kept = {
        rollup: [
            (row.field, to_millis(row.start), row.count, row.sum.hex(), row.min.hex(), row.max.hex())
            for row in rollup.objects.filter(station=station).order_by("field", "start")
        ]
        for rollup in (Quarter, Day)
    }
    hours = [
        (row.hours, round(row.hour_sum, 9)) for row in Day.objects.filter(station=station).order_by("field", "start")
    ]
    newest = [
        (field.number, field.newest_at, field.newest_value, field.is_treated)
        for field in station.fields.order_by("number")
    ]
    raw = list(Reading.objects.filter(station=station).order_by("field", "measured_at").values_list("field", "value"))
    return kept, hours, newest, raw


def moment(ms):
    return from_millis(ms)
