"""The readings that count, by SQL and by Python: the same rules, to the last bit."""

import math
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freetemp.fields import from_millis, to_millis
from freetemp.sql import execute
from readings.calendar.span import EVER, Span
from readings.models import Reading, Sensor, SetAside
from readings.models.counted import RAW, Calibration, Cut, Rules, narrowed, rules_of, source
from stations.models import Station

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
MADE = {"made_by": "test", "made_at": from_millis(NOON_MS)}
RAW_VALUES = [0.0, -0.0, 5e-324, 1e-200, -127.0, 0.1, 21.4, 85.0, 1e200, -1.7e308]


def mark(station, start, end, field=1, **more):
    return SetAside.objects.create(
        station=station, field=field, start=NOON_MS + start, end=None if end is None else NOON_MS + end,
        reason="spike", **MADE, **more,
    )  # fmt: skip


def hung(station, start, end, factor, offset, field=1, **more):
    return Sensor.objects.create(
        station=station, field=field, start=NOON_MS + start, end=None if end is None else NOON_MS + end, model="BME280",
        factor=factor, offset=offset, **MADE, **more,
    )  # fmt: skip


def store(station, values, field=1):
    Reading.objects.bulk_create(
        Reading(station=station, field=field, measured_at=from_millis(NOON_MS + n), value=value)
        for n, value in enumerate(values)
    )


def by_sql(station, numbers, span=EVER):
    counted = source(station.pk, numbers, span)
    rows = execute(f"SELECT field, measured_at, value FROM {counted} AS t", []).returned  # noqa: S608 - our names
    return {(field, at_ms): value for field, at_ms, value in rows}


def by_python(station, numbers, span=EVER):
    rules = rules_of({(station.pk, number) for number in numbers}, span)
    rows = execute(
        "SELECT field, measured_at, value FROM readings_reading WHERE station_id = %s", [station.pk]
    ).returned
    values = {
        (field, at_ms): rules.get((station.pk, field), Rules([], [])).value(at_ms, raw) for field, at_ms, raw in rows
    }
    return {key: value for key, value in values.items() if value is not None}


moments = st.integers(0, 40)
spans = st.tuples(moments, moments | st.none()).filter(lambda each: each[1] is None or each[0] < each[1])
limits = st.sampled_from([None, *RAW_VALUES])
marks = st.tuples(
    spans, st.sampled_from([1, 2, None]), limits, limits, st.sampled_from(["active", "undone", "proposed"])
)
numbers_of_calibrations = st.sampled_from([1.0, -2.0, 0.98, 1 / 3, 1e-6, 1e6])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    every=st.lists(marks, max_size=6),
    edges=st.lists(moments, unique=True, max_size=6),
    corrections=st.lists(st.tuples(numbers_of_calibrations, st.floats(-1e6, 1e6)), min_size=6, max_size=6),
    asked=spans,
    quantity=st.sampled_from(["temperature", "wind_direction"]),
)
def test_sql_and_python_say_the_same(station, every, edges, corrections, asked, quantity):
    station.fields.update(quantity=quantity)
    SetAside.objects.all().delete()
    Sensor.objects.all().delete()
    if not Reading.objects.exists():
        for field in (1, 2):
            store(station, [*RAW_VALUES] * 4, field)
    for (start, end), field, below, above, state in every:
        mark(station, start, end, field, below=below, above=above, state=state)
    edges.sort()
    for start, end, (factor, offset) in zip(edges, [*edges[1:], None], corrections, strict=False):
        hung(station, start, end, factor, offset)
    expected, found = by_python(station, [1, 2]), by_sql(station, [1, 2])
    assert {key: value.hex() for key, value in found.items()} == {key: value.hex() for key, value in expected.items()}
    span = Span(NOON_MS + asked[0], EVER.end_ms if asked[1] is None else NOON_MS + asked[1])
    within = {
        key: value for key, value in by_sql(station, [1, 2], span).items() if span.start_ms <= key[1] < span.end_ms
    }
    assert within == {key: value for key, value in expected.items() if span.start_ms <= key[1] < span.end_ms}


def test_a_reading_counts_if_no_mark_has_it_and_by_the_sensor_that_hung_then():
    rules = Rules(
        [Cut(Span(10, 20)), Cut(Span(15, 30), below=0), Cut(Span(40, 50), above=50, below=-50)],
        [Calibration(Span(0, 45), 2.0, 1.0)],
    )
    assert [rules.value(at, 3.0) for at in (9, 10, 19, 20)] == [7.0, None, None, 7.0]
    assert [rules.value(25, raw) for raw in (-0.1, 0.0, 99.0)] == [None, 1.0, 199.0], "by the raw value"
    assert [rules.value(44, raw) for raw in (-50.1, -50.0, 50.0, 50.1)] == [None, -99.0, 101.0, None]
    assert rules.value(45, 3.0) == 3.0, "the next sensor has no calibration"
    assert rules.value(0, math.inf) == math.inf


def test_what_counts_for_nothing_leaves_the_plain_table(station):
    mark(station, 0, 10, state="proposed")
    mark(station, 0, 10, state="undone")
    mark(station, 0, 10, field=2)
    hung(station, 0, None, 1.0, 0.0)
    hung(station, 0, None, 2.0, 0.0, state="proposed")
    mark(Station.objects.create(name="Pond"), 0, None, field=None)
    assert source(station.pk, [1]) == RAW
    assert source(station.pk, []) == RAW
    assert source(station.pk, [2], Span(NOON_MS + 10, NOON_MS + 20)) == RAW


def test_what_is_set_aside_as_a_whole_is_not_looked_through(station):
    for start, end, *limit in ((0, 10), (8, 20), (50, 60), (80, 90), (85, None), (20, 30, 5.0)):
        mark(station, start, end, below=limit[0] if limit else None)

    def left(start, end):
        span = narrowed(station.pk, 1, Span(NOON_MS + start, NOON_MS + end))
        return span.start_ms - NOON_MS, span.end_ms - NOON_MS

    assert left(5, 100) == (20, 80)
    assert left(55, 82) == (60, 80)
    assert left(51, 59) == (60, 60)
    assert left(82, 200) == (EVER.end_ms - NOON_MS, EVER.end_ms - NOON_MS)
    assert left(20, 50) == (20, 50)


def test_it_reads_along_the_primary_key_with_a_thousand_marks(station):
    for n in range(0, 2_000, 2):
        mark(station, n, n + 1)
    hung(station, 0, None, 2.0, 0.0)
    store(station, [1.0] * 2_000)
    statement = (
        f"SELECT count(*), sum(value) FROM {source(station.pk, [1])} AS t"  # noqa: S608 - our names
        " WHERE station_id = %s AND field = %s AND measured_at >= %s AND measured_at < %s AND value <= 100"
    )
    parameters = [station.pk, 1, NOON_MS, NOON_MS + 2_000]
    assert execute(statement, parameters).returned == [(1_000, 2_000.0)]
    if connection.vendor == "sqlite":
        ((*_, plan),) = execute(f"EXPLAIN QUERY PLAN {statement}", parameters).returned
        assert plan == (
            "SEARCH readings_reading USING PRIMARY KEY (station_id=? AND field=? AND measured_at>? AND measured_at<?)"
        )
    else:
        execute("SET LOCAL enable_seqscan = off", [])  # A planner reads a table this small as a whole.
        plan = " ".join(line for (line,) in execute(f"EXPLAIN {statement}", parameters).returned)
        assert "Scan using readings_reading_pkey" in plan or "Index Scan on readings_reading_pkey" in plan
        assert "measured_at >= " in plan.partition("Index Cond")[2].partition("Filter")[0]


def test_a_vane_that_was_mounted_askew_stays_on_its_circle(station):
    station.fields.update(quantity="wind_direction")
    hung(station, 0, 3, 1.0, 20.0)
    hung(station, 3, None, 1.0, -20.0)
    store(station, [340.0, 350.0, 0.0, 20.0, 10.0])
    assert (
        list(by_sql(station, [1]).values()) == list(by_python(station, [1]).values()) == [360.0, 10.0, 20.0, 0.0, 350.0]
    )
