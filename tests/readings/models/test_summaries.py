"""The queries of readings and rollups: each of them alone, over a span's very first and last moments."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from freetemp.fields import from_millis, to_millis
from freetemp.sql import _in_sqlite
from readings import ingest
from readings.almanac.levels import AlmanacQuerySet
from readings.calendar.days import RunningDay
from readings.calendar.span import Span
from readings.ingest.reports import Measurement
from readings.models import Day, Quarter, Reading
from readings.models.summary import Total, Wanted
from stations.models import Field, Station

pytestmark = pytest.mark.django_db

QUARTER_MS, DAY_MS = 900_000, 86_400_000
NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
EVER = Span(0, 2**53)


@pytest.fixture
def field(station):
    """A field beside another field and another station's, which have readings at the same moments."""
    Station.objects.update(timezone="UTC")
    station.refresh_from_db()
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.update(smallest=-40, largest=60)
    other = Station.objects.create(name="Other")
    values = [(-QUARTER_MS, 4.0), (-1, 5.0), (0, 1.0), (1, 3.0), (QUARTER_MS - 1, 1.0), (QUARTER_MS, 85.0)]
    rows = [Measurement(1, NOON_MS + at, value) for at, value in values]
    for each, number, more in ((station, 1, 0), (station, 2, 10), (other, 1, 20)):
        ingest.store(each, [row._replace(field=number, value=row.value + more) for row in rows])
    return station.fields.select_related("station").get(number=1)


def total(rollup, field, span):
    return rollup.objects.totals([field], [(7, span)])


def test_a_total_is_of_one_field_and_from_the_start_on_and_before_the_end(field):
    span = Span(NOON_MS, NOON_MS + QUARTER_MS)
    right = {(1, 7): Total(3, 5.0, 1.0, 3.0)}
    assert total(Reading, field, span) == total(Quarter, field, span) == right
    assert total(Reading, field, Span(NOON_MS + 1, NOON_MS + QUARTER_MS - 1)) == {(1, 7): Total(1, 3.0, 3.0, 3.0)}
    assert total(Quarter, field, Span(NOON_MS + 1, NOON_MS + QUARTER_MS)) == {}
    assert (
        total(Day, field, EVER)
        == total(Quarter, field, EVER)
        == total(Reading, field, EVER)
        == {
            (1, 7): Total(5, 14.0, 1.0, 5.0),
        }
    )
    assert total(Day, field, Span(NOON_MS, NOON_MS + DAY_MS)) == {}, "the day began before"


def test_totals_of_many_fields_and_spans_come_by_both(field):
    fields = list(field.station.fields.select_related("station").order_by("number"))
    spans = [Span(NOON_MS - QUARTER_MS, NOON_MS), Span(NOON_MS, NOON_MS + QUARTER_MS), Span(0, 1)]
    found = Quarter.objects.totals(fields, list(enumerate(spans)))
    assert {key: (each.n, each.sum) for key, each in found.items()} == {
        (1, 0): (2, 9.0),
        (1, 1): (3, 5.0),
        (2, 0): (2, 29.0),
        (2, 1): (3, 35.0),
    }


def test_points_and_buckets_are_in_order_of_time_and_without_what_is_not_plausible(field):
    span = Span(NOON_MS - 1, NOON_MS + QUARTER_MS + 1)
    assert Reading.objects.points(field, span) == [
        (NOON_MS - 1, 5.0, 5.0, 5.0),
        (NOON_MS, 1.0, 1.0, 1.0),
        (NOON_MS + 1, 3.0, 3.0, 3.0),
        (NOON_MS + QUARTER_MS - 1, 1.0, 1.0, 1.0),
    ]
    right = [(NOON_MS - QUARTER_MS, 5.0, 5.0, 5.0), (NOON_MS, 5 / 3, 1.0, 3.0)]
    assert Reading.objects.buckets(field, span, QUARTER_MS) == right
    assert Reading.objects.buckets(field, Span(NOON_MS - 1, NOON_MS + 1), 2, shift_ms=1) == [
        (NOON_MS, 3.0, 1.0, 5.0),
    ], "the millisecond before noon and noon, one later"
    assert Quarter.objects.points(field, EVER) == [
        (NOON_MS - QUARTER_MS, 4.5, 4.0, 5.0),
        (NOON_MS, 5 / 3, 1.0, 3.0),
    ]
    assert Quarter.objects.buckets(field, EVER, 2 * QUARTER_MS) == [
        (NOON_MS - 2 * QUARTER_MS, 4.5, 4.0, 5.0),
        (NOON_MS, 5 / 3, 1.0, 3.0),
    ]
    assert Day.objects.points(field, EVER) == [(NOON_MS - DAY_MS // 2, (4.5 + 5 / 3) / 2, 1.0, 5.0)], "of two hours"


def test_there_are_more_than_some_where_one_more_is(field):
    span = Span(NOON_MS, NOON_MS + QUARTER_MS + 1)
    assert [Reading.objects.has_more_than(count, field, span) for count in (0, 2, 3, 4)] == [True, True, False, False]
    assert [Quarter.objects.has_more_than(count, field, EVER) for count in (1, 2)] == [True, False]


def test_an_extreme_is_found_at_its_first_moment_within_its_spans(field):
    quarter = Span(NOON_MS, NOON_MS + QUARTER_MS)
    wanted = [
        Wanted(1, True, quarter, 1.0),
        Wanted(1, False, quarter, 3.0),
        Wanted(2, True, Span(NOON_MS + 1, quarter.end_ms), 11.0),
        Wanted(2, False, Span(NOON_MS - 1, NOON_MS - 1), 15.0),
    ]
    assert Reading.objects.locate(field.station, [field], wanted) == {
        (1, True): NOON_MS,
        (1, False): NOON_MS + 1,
        (2, True): NOON_MS + QUARTER_MS - 1,
    }
    several = [Wanted(1, True, Span(start, start + QUARTER_MS), 5.0) for start in (NOON_MS, NOON_MS - QUARTER_MS)]
    assert Quarter.objects.locate(field.station, [field], several) == {(1, True): NOON_MS - QUARTER_MS}, (
        "and what goes beyond"
    )
    high = [Wanted(1, False, EVER, 5.0), Wanted(2, False, EVER, 15.1)]
    assert Quarter.objects.locate(field.station, [field], high) == {(1, False): NOON_MS - QUARTER_MS}
    assert Day.objects.locate(field.station, [field], high) == {(1, False): NOON_MS - DAY_MS // 2}


def test_the_first_moment_is_that_of_the_fields_that_are_asked_for(field):
    early = NOON_MS - DAY_MS
    ingest.store(field.station, [Measurement(2, early, 1.0)])
    station = field.station
    assert Reading.objects.first_ms(station, [1]) == NOON_MS - QUARTER_MS
    assert Reading.objects.first_ms(station, [1, 2]) == early
    assert Quarter.objects.first_ms(station, [2, 1]) == early
    assert Reading.objects.first_ms(station, []) is None
    assert Reading.objects.first_ms(station, [3]) is None


def test_the_span_of_a_station_begins_with_its_first_quarter_where_the_readings_are_gone(field):
    station, newest = field.station, from_millis(NOON_MS + QUARTER_MS)
    assert Reading.objects.span(station) == (from_millis(NOON_MS - QUARTER_MS), newest)
    Reading.objects.filter(station=station, measured_at__lt=NOON_MS).delete()
    assert Reading.objects.span(station) == (from_millis(NOON_MS), newest)
    station.raw_since = from_millis(NOON_MS)
    assert Reading.objects.span(station) == (from_millis(NOON_MS - QUARTER_MS), newest)


def test_totals_are_added_to_those_that_are_there_and_written_over_them(field):
    key = (field.station_id, 1, NOON_MS)
    assert Quarter.objects.by_start(field.station_id, 1, Span(NOON_MS, NOON_MS + 1)) == {key: Total(3, 5.0, 1.0, 3.0)}
    for more, right in (
        (Total(2, 4.0, 0.5, 2.5), Total(5, 9.0, 0.5, 3.0)),
        (Total(1, 9.0, 9.0, 9.0), Total(6, 18.0, 0.5, 9.0)),
        (Total(1, -1.0, -1.0, -1.0), Total(7, 17.0, -1.0, 9.0)),
    ):
        Quarter.objects.add({key: more})
        assert Quarter.objects.by_start(field.station_id, 1, Span(NOON_MS, NOON_MS + 1)) == {key: right}
    Quarter.objects.replace({key: Total(1, 2.0, 2.0, 2.0)}, [(field.station_id, 1, NOON_MS - QUARTER_MS)])
    assert Quarter.objects.by_start(field.station_id, 1, EVER) == {key: Total(1, 2.0, 2.0, 2.0)}
    assert len(Quarter.objects.by_start(field.station_id, 2, EVER)) == 2, "no other field's is gone"


def test_readings_are_counted_since_a_moment_of_each_field_and_with_their_first_rollup(field):
    other = Field.objects.select_related("station").get(station__name="Other")
    counted = Quarter.objects.counted_since({field: NOON_MS, other: NOON_MS + 1})
    first = NOON_MS - QUARTER_MS
    assert counted == {field.station_id: (3, first), other.station_id: (1, first)}
    assert Quarter.objects.counted_since({field: NOON_MS + 1}) == {field.station_id: (0, first)}
    assert Quarter.objects.counted_since({field.station.fields.create(number=9, name="light"): 0}) == {}


def test_days_are_summed_up_by_the_same_statement_at_every_moment_of_a_day(field):
    """Else each moment would make one that SQLite compiles and keeps, in every thread."""
    _in_sqlite.cache_clear()
    for share in (0.25, 0.5):
        running, span = RunningDay(0, share), Span(0, 4 * DAY_MS)
        Day.objects.figures([field], [(1, span)], running)
        Day.objects.buckets_of_days(field, span, 2 * DAY_MS, 0, running)
        AlmanacQuerySet(Day).months([field], span, running, 10.0)
    assert _in_sqlite.cache_info().misses == (3 if connection.vendor == "sqlite" else 0)
