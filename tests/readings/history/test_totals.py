"""Summaries of many readings, checked against those computed straight from the readings."""

import random
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.periods import Period
from readings.calendar.span import Span
from readings.history.last_day import last_days
from readings.history.series import series
from readings.history.totals import History, Pieces, by_field
from readings.ingest.reports import Measurement
from readings.models import Reading
from readings.models.summary import Figures
from stations.models import Station
from tests.readings.history.over_time import day_mean, over_time

pytestmark = pytest.mark.django_db

START = datetime(2026, 10, 24, tzinfo=UTC)


@pytest.fixture
def kathmandu(db):
    station = Station.objects.create(name="Kathmandu", timezone="Asia/Kathmandu")
    station.fields.update(smallest=-50, largest=60)
    station.fields.create(number=2, name="humidity", unit="%")
    return station


@pytest.fixture
def rows(kathmandu):
    """Three days of readings at irregular moments, some of them not plausible, and another station."""
    rng = random.Random(3)
    moments = sorted(rng.sample(range(3 * 86_400_000), 2_000))
    rows = [
        Measurement(rng.choice((1, 2)), to_millis(START) + at, rng.choice((rng.gauss(10, 5), 85))) for at in moments
    ]
    ingest.store(kathmandu, rows)
    other = Station.objects.create(name="Other")
    other.fields.create(number=2, name="humidity", unit="%")
    ingest.store(other, [row._replace(value=1000) for row in rows])
    return [row for row in rows if row.field == 2 or row.value <= 60]


def test_parts_of_a_period_equal_what_the_readings_say(kathmandu, rows):
    period = Period.containing(START.date(), "month", ZoneInfo("Asia/Kathmandu"))
    edges = [*(part.start for part in period.parts), period.end]
    summaries = History(kathmandu, kathmandu.fields.all()).by_part(edges)
    expected = {}
    for row in rows:
        moment = from_millis(row.measured_at_ms)
        if period.start <= moment < period.end:
            part = next(n for n, each in enumerate(period.parts) if each.start <= moment < each.end)
            expected.setdefault((row.field, part), []).append((row.measured_at_ms, row.value))
    assert summaries.keys() == expected.keys()
    assert len(expected) > 4
    for (number, part), own in expected.items():
        summary, values = summaries[number, part], [value for _, value in own]
        assert (summary.n, summary.min, summary.max) == (len(values), min(values), max(values))
        right = day_mean(own, *(to_millis(edge) for edge in edges[part : part + 2]))
        assert summary.mean == pytest.approx(right, abs=1e-9)


HOURS = timedelta(hours=1)
RANGES = {
    "days": (START - 5.75 * HOURS, START + 66.25 * HOURS),
    "quarters": (START + 3.25 * HOURS, START + 71.75 * HOURS),
    "a day": (START - 5.75 * HOURS, START + 18.25 * HOURS),
    "hours that cut quarters": (START + 2.123 * HOURS, START + 27.456 * HOURS),
}


@pytest.mark.parametrize("name", RANGES)
def test_extremes_come_with_the_first_moment_at_which_they_were_measured(kathmandu, rows, name):
    start, end = RANGES[name]
    extremes = History(kathmandu, kathmandu.fields.all()).extremes(start, end)
    for number in (1, 2):
        own = [row for row in rows if row.field == number and start <= from_millis(row.measured_at_ms) < end]
        low = min(own, key=lambda row: (row.value, row.measured_at_ms))
        high = min(own, key=lambda row: (-row.value, row.measured_at_ms))
        got = extremes[number]
        assert got.summary.n == len(own)
        right = over_time(
            [(row.measured_at_ms, row.value) for row in own], to_millis(start), to_millis(end), kathmandu.zone, 0
        )
        assert got.summary.mean == pytest.approx(right, abs=1e-9)
        assert (got.summary.min, got.min_at) == (low.value, from_millis(low.measured_at_ms))
        assert (got.summary.max, got.max_at) == (high.value, from_millis(high.measured_at_ms))


@pytest.mark.parametrize("name", RANGES)
def test_parts_of_a_range_of_ones_own_equal_what_the_readings_say(kathmandu, rows, name):
    period = Period("range", *RANGES[name], kathmandu.zone)
    edges = [*(part.start for part in period.parts), period.end]
    expected = {}
    for row in rows:
        inside = [n for n, each in enumerate(period.parts) if each.start <= from_millis(row.measured_at_ms) < each.end]
        for part in inside:
            expected.setdefault((row.field, part), []).append(row.value)
    totals = History(kathmandu, kathmandu.fields.all()).by_part(edges)
    assert {key: total.n for key, total in totals.items()} == {key: len(values) for key, values in expected.items()}


def test_a_long_range_that_cuts_quarters_has_them_whole(kathmandu, rows):
    start, end = START + timedelta(minutes=7), START + timedelta(days=2, hours=20, minutes=1)
    extremes = History(kathmandu, kathmandu.fields.all()).extremes(start, end)
    whole = (to_millis(START), to_millis(end + timedelta(minutes=14)))
    assert extremes[2].summary.n == sum(row.field == 2 and whole[0] <= row.measured_at_ms < whole[1] for row in rows)


def test_what_was_found_and_is_gone_when_it_is_looked_for_has_the_start_as_its_moment(kathmandu, rows, monkeypatch):
    """A reading may be removed between two queries: the page still works."""
    monkeypatch.setattr("readings.models.summary.SummaryQuerySet.locate", lambda self, station, fields, wanted: {})
    extremes = History(kathmandu, kathmandu.fields.all()).extremes(*RANGES["days"])
    assert extremes[1].min_at == RANGES["days"][0]


def test_what_is_asked_is_sought_by_the_primary_key_and_no_table_is_read_through(kathmandu):
    fields = list(kathmandu.fields.select_related("station"))
    hours = [Measurement(n, to_millis(START) + at * 3_600_000, at % 24) for n in (1, 2) for at in range(400 * 24)]
    ingest.store(kathmandu, hours)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    history, after = History(kathmandu, fields), START + timedelta(days=399)
    with CaptureQueriesContext(connection) as queries:
        Reading.objects.span(kathmandu)
        for start in (after - timedelta(days=90), after - timedelta(hours=25, minutes=7)):
            history.extremes(start, after)
            history.by_part([start, after - timedelta(hours=1), after])
            series(fields[0], start, after, 2_000)
            series(fields[0], start, after, 10)
        last_days(fields[:1], after)
    plans = [plan(query["sql"]) for query in queries if "readings_" in query["sql"]]
    assert len(plans) > 10
    for each in plans:
        assert not re.search(r"Seq Scan on readings_|SCAN (t|readings_\w+)$", each, re.MULTILINE), each
        assert len(re.findall(r"Index .*Scan .*\breadings_", each)) <= each.count("Index Cond"), each


def plan(statement):
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET LOCAL enable_seqscan = off"
            )  # PostgreSQL's preference for such small tables tells little.
        cursor.execute(explain + statement.replace("Inf,", "9e999,").replace("Inf)", "9e999)"))  # as Django logs it
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_nothing_has_no_summary_and_no_fields_have_no_readings(kathmandu):
    history = History(kathmandu, kathmandu.fields.all())
    assert history.extremes(START, START + timedelta(days=9)) == history.by_part([START, START + HOURS]) == {}
    assert History(kathmandu, []).extremes(START, START + timedelta(days=9)) == {}
    assert Reading.objects.span(kathmandu) is None


def test_the_span_of_a_station_reaches_from_its_first_reading_to_its_last(kathmandu, rows):
    every = Reading.objects.filter(station=kathmandu).values_list("measured_at", flat=True)
    assert Reading.objects.span(kathmandu) == (min(every), max(every))


QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "days", "quarters"),
    [
        (0 * DAY, 3 * DAY, (0 * DAY, 3 * DAY), []),
        (QUARTER, 3 * DAY, (DAY, 3 * DAY), [(QUARTER, DAY)]),
        (0 * DAY, 3 * DAY + QUARTER, (0 * DAY, 3 * DAY), [(3 * DAY, 3 * DAY + QUARTER)]),
        (DAY - QUARTER, 4 * DAY - QUARTER, (DAY, 3 * DAY), [(DAY - QUARTER, DAY), (3 * DAY, 4 * DAY - QUARTER)]),
        (0 * DAY, 2 * DAY + 4 * QUARTER, None, [(0 * DAY, 2 * DAY + 4 * QUARTER)]),
        (QUARTER / 3, 2 * DAY + 13 * QUARTER / 3, None, [(0 * DAY, 2 * DAY + 5 * QUARTER)]),
        (0 * DAY, 2 * DAY + 5 * QUARTER, (0 * DAY, 2 * DAY), [(2 * DAY, 2 * DAY + 5 * QUARTER)]),
    ],
)
def test_a_long_range_is_whole_days_and_the_quarters_that_it_cuts_of_others(kathmandu, start, end, days, quarters):
    """Two days and an hour are queried only by quarters, even if they begin and end within one."""
    midnight = to_millis(START - 5.75 * HOURS)

    def span(edges):
        return Span(*(midnight + each // timedelta(milliseconds=1) for each in edges))

    pieces = History(kathmandu, [])._pieces(span((start, end)))
    assert pieces == Pieces(span(days) if days else Span(0, 0), [span(each) for each in quarters])


@pytest.mark.parametrize(
    ("start", "length", "raw_since", "is_exact"),
    [
        (0, 49 * HOURS - timedelta(minutes=1), None, True),
        (1, 49 * HOURS, None, True),
        (1, 49 * HOURS + timedelta(milliseconds=1), None, False),
        (0, 48 * HOURS, None, False),
        (1, 1 * HOURS, 1, True),
        (1, 1 * HOURS, 2, False),
    ],
)
def test_a_short_range_that_cuts_a_quarter_is_exact_where_its_readings_are_kept(
    kathmandu, start, length, raw_since, is_exact
):
    """A range of whole quarters needs no raw readings."""
    kathmandu.raw_since = START + timedelta(milliseconds=raw_since) if raw_since else None
    first = to_millis(START) + start
    asked = Span(first, first + length // timedelta(milliseconds=1))
    assert History(kathmandu, [])._is_exact(asked) == is_exact


def test_what_is_of_all_parts_together_is_by_field_and_the_parts_count_by_their_time():
    one, other = Figures(1, 2.0, 1.0, 2.0, 2.0, 2.0), Figures(2, 6.0, 3.0, 3.0, 8.0, 11.0)
    assert by_field({(1, 0): one, (2, 0): one, (1, 5): other}) == {1: Figures(3, 5.0, 4.0, 2.0, 8.0, 13.0), 2: one}


def test_the_low_and_high_of_a_day_that_is_cut_are_those_of_the_part(kathmandu):
    """The whole day's low and high are outside of the range, one on either side."""
    midnight = START - 5.75 * HOURS
    values = [(1, -9.0), (7, 4.0), (30, 6.0), (60, 5.0), (80, 7.0), (90, 30.0)]
    ingest.store(kathmandu, [Measurement(1, to_millis(midnight + n * HOURS), value) for n, value in values])
    found = History(kathmandu, kathmandu.fields.all()).extremes(midnight + 6 * HOURS, midnight + 84 * HOURS)[1]
    assert (found.summary.n, found.summary.min, found.summary.max) == (4, 4.0, 7.0)
    assert (found.min_at, found.max_at) == (midnight + 7 * HOURS, midnight + 80 * HOURS)
