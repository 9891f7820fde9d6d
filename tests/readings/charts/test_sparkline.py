"""The last 24 hours as a small line: its values, its breaks and its end."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.charts.sparkline import DAY, HEIGHT, WIDTH, sparklines
from readings.ingest.reports import Measurement
from readings.models import Reading
from stations.models import Station

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 10, 7, tzinfo=UTC)


def line_of(station, now=NOW):
    return sparklines(Station.objects.filter(pk=station.pk).with_fields(), now)[station.pk]


def store(station, values, last=NOW, step=timedelta(minutes=1)):
    """Store values at even distances, the last at a given moment; None stands for a missing report."""
    first = last - step * (len(values) - 1)
    moments = [to_millis(first + step * n) for n in range(len(values))]
    rows = [Measurement(1, at, value) for at, value in zip(moments, values, strict=True) if value is not None]
    ingest.store(station, rows)


def places(path):
    """Return the x and y of each point of each stretch."""
    stretches = []
    for move, steps in re.findall(r"M([^l]+)l([^M]+)", path):
        at, numbers = [tuple(map(int, move.split()))], list(map(int, steps.split()))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            at.append((at[-1][0] + dx, at[-1][1] + dy))
        stretches.append(at)
    return stretches


def test_low_and_high_are_the_readings_own_and_not_those_of_means(station):
    values = [15.0] * 1_400
    values[300], values[700] = -3.25, 31.75
    store(station, values)
    line = line_of(station)
    assert (line.low, line.high) == (-3.25, 31.75)
    raw = Reading.objects.filter(measured_at__gte=to_millis(NOW - DAY)).values_list("value", flat=True)
    assert (line.low, line.high) == (min(raw), max(raw))


def test_what_was_before_the_last_24_hours_and_their_quarter_is_not_in_it(station):
    store(station, [99.0] * 60, last=NOW - DAY - timedelta(minutes=8))
    store(station, [15.0] * 1_400)
    assert line_of(station).high == 15.0


def test_the_line_ends_at_the_newest_value_whatever_its_half_hour_was_like(station):
    values = [10 + n % 60 / 10 for n in range(1_440)]
    store(station, [*values[:-1], 20.0], last=NOW - timedelta(minutes=1))
    line = line_of(station)
    (stretch,) = places(line.path)
    assert places(line.end)[0][0] == stretch[-1]
    assert stretch[-1][0] == pytest.approx(WIDTH, abs=1)
    assert stretch[-1][1] == pytest.approx(2, abs=1), "it is the highest"
    assert stretch[0][0] == pytest.approx(0, abs=3)
    assert all(-3 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in stretch)
    assert [x for x, _ in stretch] == sorted(x for x, _ in stretch)


def test_where_half_an_hour_and_more_is_missing_the_line_breaks(station):
    values = [10 + n / 100 for n in range(1_440)]
    values[600:700] = [None] * 100
    store(station, values)
    first, second = places(line_of(station).path)
    assert first[-1][0] < second[0][0] - 8


def test_a_station_that_reports_by_the_hour_has_a_line_and_one_that_missed_a_report_too(station):
    Station.objects.update(interval_s=3600)
    values = [10.0 + n for n in range(24)]
    values[12] = None
    store(station, values, step=timedelta(hours=1))
    assert len(places(line_of(station).path)) == 1


def test_one_reading_is_a_dot(station):
    store(station, [12.0])
    line = line_of(station)
    assert line.path == line.end == f"M{WIDTH} {HEIGHT // 2}l0 0"
    assert (line.low, line.high) == (12.0, 12.0)


def test_a_silent_station_s_line_ends_where_it_fell_silent(station):
    store(station, [10 + n / 100 for n in range(1_000)], last=NOW - timedelta(hours=9))
    (stretch,) = places(line_of(station).path)
    assert stretch[-1][0] == pytest.approx(WIDTH * 15 / 24, abs=1)


def test_a_value_that_is_not_plausible_is_not_in_the_line(station):
    station.fields.update(largest=60)
    store(station, [15.0] * 200 + [85.0])
    line = line_of(station)
    assert (line.high, line.end) == (15.0, "")
    assert line.path


def test_the_flicker_of_a_last_digit_is_no_mountain(station):
    store(station, [21.0 + n // 30 % 2 / 10 for n in range(1_440)])
    (stretch,) = places(line_of(station).path)
    assert max(y for _, y in stretch) - min(y for _, y in stretch) < HEIGHT / 5


def test_nothing_in_the_last_24_hours_is_no_line(station):
    assert line_of(station).low is None
    store(station, [15.0], last=NOW - timedelta(days=2))
    line = line_of(station)
    assert (line.low, line.high, line.path, line.end) == (None, None, "", "")


def test_a_board_whose_clock_is_ahead_draws_no_line_out_of_its_box(station):
    store(station, [15.0, 16.0, 17.0], last=NOW + timedelta(minutes=4))
    assert max(x for x, _ in places(line_of(station).path)[-1]) == WIDTH


def test_hours_that_were_imported_are_a_line_and_minutes_after_them_go_on_with_it(station):
    store(station, [float(n) for n in range(20)], last=NOW - timedelta(hours=1), step=timedelta(hours=1))
    store(station, [20.0] * 60)
    (stretch,) = places(line_of(station).path)
    assert len(stretch) > 20
