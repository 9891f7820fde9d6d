"""The limits of gaps, to the millisecond, and the longest of them."""

from datetime import UTC, datetime, timedelta

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.history.coverage import measure_coverage
from readings.history.gaps import Longest, Looked, _Pair, _pairs, _rest_ms, longest_among, longest_in_quarters
from readings.history.usual_interval import Days
from readings.ingest.reports import Measurement
from stations.models import Field, Station

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
DAY_ONE_MS = to_millis(datetime(2026, 6, 1, tzinfo=UTC))


def looked(span, *days, interval_s=60):
    """Return the input of a search: a field, the span, and days given as (start, end, usual distance)."""
    columns = [list(column) for column in zip(*days, strict=True)] or [[], [], []]
    starts, ends, intervals = columns
    field = Field(number=1, station=Station(interval_s=interval_s))
    return Looked(field, span, Days(starts, ends, [1] * len(days), intervals))


def among(moments_ms, span=None, *days, **besides):
    span = span or Span(moments_ms[0], moments_ms[-1] + 1)
    return longest_among(looked(span, *(days or [(span.start_ms, span.end_ms, 60_000.0)]), **besides), moments_ms)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("after_ms", "is_gap"), [(150_000, False), (150_001, True)])
def test_a_gap_is_longer_than_two_and_a_half_distances(after_ms, is_gap):
    gap = Span(0, after_ms) if is_gap else None
    assert among([0, after_ms, after_ms + 60_000]) == Longest(gap, True)


@pytest.mark.sqlite_only
def test_where_two_are_as_long_it_is_the_first():
    moments = [0, 200_000, 260_000, 460_000, 500_000]
    assert among(moments).gap == Span(0, 200_000)
    assert among([*moments, 700_001]).gap == Span(500_000, 700_001)


@pytest.mark.sqlite_only
def test_a_gap_may_begin_where_the_span_does_and_end_where_it_does():
    span = Span(0, 1_000_000)
    assert among([300_000, *range(300_000, 900_000, 60_000), 1_000_000], span).gap == Span(0, 300_000)
    assert among([*range(0, 600_000, 60_000)], span).gap == Span(540_000, 1_000_000)
    assert among([], span, (0, 1_000_000, 60_000.0)).gap == span


@pytest.mark.sqlite_only
@pytest.mark.parametrize("slow_day", [0, 1, 2, 3])
def test_between_two_days_the_slowest_of_those_around_says_what_a_gap_is(slow_day):
    """Only the days from the day before to the second day after count."""
    intervals = [60_000.0] * 4
    intervals[slow_day] = 600_000.0
    days = [(n * DAY_MS, (n + 1) * DAY_MS, ms) for n, ms in enumerate(intervals)]
    each = looked(Span(0, 4 * DAY_MS), *days)
    near = {-1: (0, 1), 0: (0, 1, 2), 1: (0, 1, 2, 3), 2: (1, 2, 3), 3: (2, 3)}
    for index, around in near.items():
        assert each.shortest_ms(index) == (1_500_000 if slow_day in around else 150_000), index
    assert each.shortest_ms(0, least_ms=9_000_000) == 9_000_000
    assert looked(Span(0, 1), interval_s=30).shortest_ms(-1) == 75_000, "without days it is the station's own"


TEN_MINUTES_MS = 600_000
AROUND_MS = 1_320_000  # 2.2 distances of ten minutes


def counted(*counts, cut=(), hole_after=None):
    """Return whole days with these numbers of readings, of which 144 are due, and an empty day after one of them."""
    starts = [(n + (hole_after is not None and n > hole_after)) * DAY_MS for n in range(len(counts))]
    ends, intervals = [start + DAY_MS for start in starts], [float(TEN_MINUTES_MS)] * len(counts)
    field = Field(number=1, station=Station(interval_s=600))
    days = Days(starts, ends, list(counts), intervals)
    return Looked(field, Span(0, ends[-1]), days, frozenset(cut))


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("each", "pairs"),
    [
        (counted(144, 144, 144), []),
        (counted(144, 143, 144), [(TEN_MINUTES_MS + AROUND_MS, 1), (TEN_MINUTES_MS + AROUND_MS, 0)]),
        (counted(144, 100), [(44 * TEN_MINUTES_MS + AROUND_MS, 1), (44 * TEN_MINUTES_MS + AROUND_MS, 0)]),
        (counted(144, 159), []),
        (counted(144, 160), [(DAY_MS + AROUND_MS, 1), (DAY_MS + AROUND_MS, 0)]),
        (counted(144, 144, cut={0}), [(DAY_MS + AROUND_MS, 0), (DAY_MS + AROUND_MS, -1)]),
        (counted(144, 144, 144, hole_after=0), [(DAY_MS + AROUND_MS, 0)]),
        (
            counted(140, 134),
            [(14 * 600_000 + AROUND_MS, 0), (10 * 600_000 + AROUND_MS, 1), (4 * 600_000 + AROUND_MS, -1)],
        ),
    ],
)
def test_where_a_gap_may_be_is_told_by_what_days_have_lost_the_most_likely_first(each, pairs):
    """A day and the next one together, by the first one's index; -1 stands for the time before the first day.

    A day with a tenth more than is due, and a cut day, may be empty except for a moment.
    """
    assert _pairs(each) == [_Pair(*pair) for pair in pairs]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("index", "rest"), [(-1, 0), (0, 46.2), (1, 46.2), (2, 0), (3, 0)])
def test_how_long_a_gap_may_be_where_nobody_looked(index, rest):
    """In distances of ten minutes: two days of 144 each have 244 readings, and 2.2 may be missing at the edges."""
    each = counted(144, 100, 144, 144)
    assert _rest_ms(each, [_Pair(0, index)]) == pytest.approx(rest * TEN_MINUTES_MS)
    assert _rest_ms(each, [_Pair(0, 2), _Pair(0, 0)]) == pytest.approx(46.2 * TEN_MINUTES_MS)
    assert _rest_ms(each, []) == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("index", "is_near"), [(0, False), (1, True), (2, True)])
def test_the_fullest_of_three_days_on_either_side_of_the_two_says_how_full_they_might_be(index, is_near):
    each = counted(144, 144, 144, 144, 144, 288, 144)
    most = 2 * DAY_MS - (300_000 if is_near else 600_000) * (288 - 2.2)
    least = each.shortest_ms(index, least_ms=1_800_000)
    assert _rest_ms(each, [_Pair(0, index)]) == pytest.approx(most if most > least else 0)


@pytest.mark.django_db
def test_a_range_without_any_day_of_readings_is_a_gap_and_all_that_was_due_is_missing(station):
    Station.objects.update(timezone="UTC", interval_s=600)
    station.refresh_from_db()
    every = range(DAY_ONE_MS, DAY_ONE_MS + 20 * DAY_MS, 600_000)
    hours(station, [at for at in every if not DAY_ONE_MS + 3 * DAY_MS <= at < DAY_ONE_MS + 17 * DAY_MS])
    start, end = from_millis(DAY_ONE_MS + 5 * DAY_MS), from_millis(DAY_ONE_MS + 15 * DAY_MS)
    own = measure_coverage(station, list(station.fields.all()), start, end, end + timedelta(days=5))[1]
    assert (own.expected, own.received, tuple(own.gap)) == (1440, 0, (start, end))


def hours(station, moments_ms, values=lambda n: 1.0):
    ingest.store(station, [Measurement(1, at, values(n)) for n, at in enumerate(moments_ms)])


def found(station, start_ms, end_ms, now_ms=None):
    now = from_millis(now_ms or end_ms)
    each = measure_coverage(station, list(station.fields.all()), from_millis(start_ms), from_millis(end_ms), now)[1]
    return each.gap and tuple(map(to_millis, each.gap))


@pytest.mark.django_db
@pytest.mark.parametrize(("lost", "is_gap"), [(30, False), (31, True)])
@pytest.mark.parametrize("at", [7 * 60, 3 * 1440 + 13, 2 * 1440 - 20])
def test_beyond_two_days_a_gap_is_longer_than_half_an_hour_wherever_it_lies(station, lost, is_gap, at):
    """Within a day, across quarters, or over midnight."""
    Station.objects.update(timezone="UTC")
    station.refresh_from_db()
    minutes = [n for n in range(5 * 1440) if not at < n < at + lost]
    hours(station, [DAY_ONE_MS + n * MINUTE_MS for n in minutes])
    gap = (DAY_ONE_MS + at * MINUTE_MS, DAY_ONE_MS + (at + lost) * MINUTE_MS)
    assert found(station, DAY_ONE_MS, DAY_ONE_MS + 5 * DAY_MS) == (gap if is_gap else None)


@pytest.mark.django_db
def test_of_gaps_as_long_in_months_it_is_the_first_and_a_longer_one_later_is_found(station):
    Station.objects.update(timezone="UTC", interval_s=600)
    station.refresh_from_db()
    starts = [DAY_ONE_MS + day * DAY_MS + 10 * HOUR_MS for day in (3, 9, 20)]
    every = range(DAY_ONE_MS, DAY_ONE_MS + 30 * DAY_MS, 600_000)
    hours(station, [at for at in every if not any(start < at < start + 2 * HOUR_MS for start in starts)])
    assert found(station, DAY_ONE_MS, DAY_ONE_MS + 30 * DAY_MS) == (starts[0], starts[0] + 2 * HOUR_MS)
    ingest.remove(station, 1, from_millis(starts[2] + 2 * HOUR_MS), from_millis(starts[2] + 2 * HOUR_MS + 1))
    assert found(station, DAY_ONE_MS, DAY_ONE_MS + 30 * DAY_MS) == (starts[2], starts[2] + 2 * HOUR_MS + 600_000)


@pytest.mark.django_db
def test_a_reading_that_is_not_plausible_ends_no_gap(station):
    Station.objects.update(timezone="UTC", interval_s=600)
    station.fields.update(smallest=0)
    station.refresh_from_db()
    lost = range(DAY_ONE_MS + 4 * DAY_MS, DAY_ONE_MS + 4 * DAY_MS + 5 * HOUR_MS, 600_000)
    every = range(DAY_ONE_MS, DAY_ONE_MS + 10 * DAY_MS, 600_000)
    hours(station, every, lambda n: -1.0 if every[n] in lost else 1.0)
    assert found(station, DAY_ONE_MS, DAY_ONE_MS + 10 * DAY_MS) == (lost[0] - 600_000, lost[-1] + 600_000)


@pytest.mark.django_db
def test_a_day_without_any_reading_is_a_gap_with_what_is_missing_beside_it(station):
    Station.objects.update(timezone="UTC", interval_s=600)
    station.refresh_from_db()
    lost = Span(DAY_ONE_MS + 4 * DAY_MS - HOUR_MS, DAY_ONE_MS + 6 * DAY_MS + 3 * HOUR_MS)
    every = range(DAY_ONE_MS, DAY_ONE_MS + 10 * DAY_MS, 600_000)
    hours(station, [at for at in every if not lost.start_ms < at < lost.end_ms])
    assert found(station, DAY_ONE_MS, DAY_ONE_MS + 10 * DAY_MS) == tuple(lost)
    cut = DAY_ONE_MS + 5 * DAY_MS
    assert found(station, DAY_ONE_MS, cut, DAY_ONE_MS + 10 * DAY_MS) == (lost.start_ms, cut)
    assert found(station, cut, DAY_ONE_MS + 10 * DAY_MS) == (cut, lost.end_ms)


@pytest.mark.django_db
def test_each_field_has_the_longest_gap_of_its_own(station):
    Station.objects.update(timezone="UTC", interval_s=600)
    station.fields.create(number=2, name="humidity", unit="%")
    station.refresh_from_db()
    losts = {1: DAY_ONE_MS + 3 * DAY_MS, 2: DAY_ONE_MS + 6 * DAY_MS}
    every = range(DAY_ONE_MS, DAY_ONE_MS + 10 * DAY_MS, 600_000)
    for number, lost in losts.items():
        kept = [at for at in every if not lost < at < lost + number * HOUR_MS]
        ingest.store(station, [Measurement(number, at, 1.0) for at in kept])
    end = from_millis(DAY_ONE_MS + 10 * DAY_MS)
    own = measure_coverage(station, list(station.fields.all()), end - timedelta(days=10), end, end)
    gaps = {number: tuple(map(to_millis, each.gap)) for number, each in own.items()}
    assert gaps == {number: (lost, lost + number * HOUR_MS) for number, lost in losts.items()}


@pytest.mark.django_db
def test_nothing_looked_at_has_no_gaps():
    assert longest_in_quarters([]) == {}
