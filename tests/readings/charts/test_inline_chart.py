"""The first state of charts: a drawing by the server, and the same series for the scripts."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.periods import Period
from readings.charts.inline_chart import BOX, MOST_POINTS, POINTS, sketches
from readings.history.series import series
from readings.ingest.reports import Measurement
from stations.units import METRIC, Units

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 6, 1, tzinfo=UTC)
A_DAY = "?date=2026-06-01"


@pytest.fixture
def station(station):
    station.timezone = "UTC"
    station.save()
    return station


def store(station, values):
    """Store a value every quarter of an hour; None stands for a missing reading."""
    rows = [(to_millis(DAY + n * timedelta(minutes=15)), value) for n, value in enumerate(values)]
    ingest.store(station, [Measurement(1, at, value) for at, value in rows if value is not None])


def drawn(station, units=METRIC):
    fields = list(station.fields.select_related("station"))
    return sketches(fields, Period.containing(DAY.date(), "day", station.zone), units)


def points(path):
    """Return the positions of a path's points, a list for each stretch."""
    stretches = []
    for start, steps in re.findall(r"M(-?\d+ -?\d+)l([-\d ]+)", path):
        x, y = map(int, start.split())
        stretches.append([(x, y)])
        numbers = list(map(int, steps.split()))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            stretches[-1].append((x, y))
    return stretches


def brought(page):
    found = re.search(r'<script id="brought" type="application/json">(.*?)</script>', page)
    return json.loads(found[1]) if found else None


def test_a_line_is_where_its_readings_are_from_the_left_and_from_the_top(station):
    store(station, [0.0, 10.0, 20.0])
    (line,) = points(drawn(station)[1].line)
    assert [x for x, _ in line] == [round(n * BOX.width / 96) for n in range(3)]
    (_, lowest), (_, middle), (_, highest) = line
    assert BOX.bottom >= lowest > middle > highest > BOX.top
    assert abs(lowest + highest - 2 * middle) <= 1


def test_a_gap_is_a_gap_and_a_lone_reading_a_dot(station):
    store(station, [1.0, 2.0, 3.0, 4.0, *[None] * 20, 5.0, *[None] * 20, 6.0, 7.0, 8.0, 9.0])
    first, dot, last = points(drawn(station)[1].line)
    assert (len(first), len(last)) == (4, 4)
    assert dot[0] == dot[1]


@pytest.mark.parametrize(("values", "dots"), [([1.0], 1), ([1.0, 2.0], 2), ([1.0, 2.0, 3.0], 0), ([1.0, 2.0] * 40, 0)])
def test_a_line_too_short_to_be_seen_has_dots_at_its_ends(station, values, dots):
    store(station, values)
    sketch = drawn(station)[1]
    assert len(points(sketch.dots)) == dots
    assert all(dot[0] in points(sketch.line)[0] for dot in points(sketch.dots))


def test_its_marks_are_in_the_viewers_unit(station):
    store(station, [0.0, 5.0, 10.0])
    fahrenheit = drawn(station, Units.parse("us"))[1]
    assert {"32", "40", "50"} & {label for _, label in fahrenheit.levels}
    assert drawn(station)[1].ticks[0][1:] == ("00:00", "1 Jun")


def test_a_page_brings_the_series_of_its_sketches(client, station):
    store(station, [n / 7 for n in range(96)])
    found = brought(client.get(station.get_absolute_url() + A_DAY).content.decode())
    assert (found["start"], found["end"]) == (DAY.timestamp(), (DAY + timedelta(days=1)).timestamp())
    right = vars(series(station.fields.get(), DAY, DAY + timedelta(days=1), POINTS))
    own = found["fields"]["1"]
    assert own["step_s"] == right["step_s"]
    assert [at_ms / 1000 for at_ms in accumulate(own["time_ms"])] == right["time"]
    means = [whole / 10 ** own["decimals"] for whole in accumulate(own["mean"])]
    assert means == pytest.approx(right["mean"], abs=0.5 * 10 ** -own["decimals"])


def test_what_is_brought_says_for_how_many_points_it_is_enough(client, station):
    hours = [Measurement(1, to_millis(DAY - timedelta(hours=n)), float(n)) for n in range(3_000)]
    ingest.store(station, hours)

    def enough(query):
        return brought(client.get(station.get_absolute_url() + query).content.decode())["fields"]["1"]["points"]

    assert enough("?period=year&date=2026-05-01") == MOST_POINTS, "days, however many are asked for"
    assert enough("?period=month&date=2026-05-01") == POINTS, "raw readings fit a wide screen"


def test_parts_to_swap_come_without_what_is_dear_and_stays(client, station):
    store(station, [1.0, 2.0])
    whole = client.get(station.get_absolute_url() + A_DAY)
    parts = client.get(station.get_absolute_url() + A_DAY, headers={"X-Parts": "swapped"})
    assert "X-Parts" in whole["Vary"]
    for sign in ('class="sketch"', 'id="brought"', 'class="almanac"'):
        assert (sign in whole.content.decode(), sign in parts.content.decode()) == (True, False), sign
    swapped = re.compile(r'id="([\w-]+)"[^>]* data-swap')
    assert set(swapped.findall(parts.content.decode())) == set(swapped.findall(whole.content.decode()))


def test_a_period_without_readings_has_no_sketch(client, station):
    store(station, [1.0])
    page = client.get(station.get_absolute_url() + "?date=2026-06-02").content.decode()
    assert 'class="sketch"' not in page
    assert brought(page) is None
