"""The usual distance between readings on a day: the station's interval, unless the days around it show another."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.history.usual_interval import Days, _near, _stretches, usual
from readings.ingest.reports import Measurement
from readings.models import Reading
from stations.models import Field

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
DAY_ONE_MS = to_millis(datetime(2026, 6, 1, tzinfo=UTC))
UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.sqlite_only
def test_what_is_expected_are_the_days_and_the_holes_between_them_each_by_its_own_distance():
    days = Days([0, 100, 300], [100, 200, 400], [9, 60, 5], [10.0, 2.0, 20.0])
    assert days.lengths == [100, 100, 100]
    assert days.expected == 100 / 10 + 100 / 2 + 100 / 20 + 100 / 2, "the hole goes by the day before it"
    assert days.received == 9 + 50 + 5, "what came twice on one day does not make up for another"
    assert days.part(1, 2) == Days([100], [200], [60], [2.0])


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("length", "due"), [(10, 1), (11, 2), (19, 2), (20, 2), (21, 3)])
def test_a_day_that_is_cut_is_due_every_reading_that_begins_in_it(length, due):
    assert Days([0], [length], [9], [10.0]).received == due


@pytest.mark.sqlite_only
def test_what_is_usual_is_the_fullest_of_three_days_on_either_side_where_that_is_longer():
    own = [1.0, 9.0, 9.0, 9.0, 5.0, 7.0, 7.0, 7.0, 2.0]
    assert _near(own, 4) == 9.0, "neither of those beyond three days"
    assert _near([4.0, 9.0, 9.0, 5.0, 6.0, 7.0, 7.0, 2.0], 3) == 6.0
    assert _near([4.0, 5.0, 6.0], 0) == 5.0, "a side without days is the day itself: 4, and the other side's 5"
    assert _near([5.0, 3.0], 0) == 5.0
    assert _near([3.0, 5.0], 1) == 5.0
    assert _near([3.0], 0) == 3.0


@pytest.mark.sqlite_only
def test_days_in_a_row_that_are_about_as_slow_as_their_first_are_one_stretch():
    slow = {3: 10.0, 4: 14.9, 5: 6.7, 6: 15.0, 7: 22.0, 9: 22.0, 10: 14.0}
    assert list(_stretches(slow)) == [range(3, 6), range(6, 8), range(9, 10), range(10, 11)]
    assert list(_stretches({})) == []


@pytest.fixture
def field(station):
    return station.fields.select_related("station").get()


def store(field, days):
    """Store days of readings in UTC, each with its distance; return the arguments for usual()."""
    rows, moments = [], []
    for day, distance_ms in enumerate(days):
        own = range(DAY_ONE_MS + day * DAY_MS, DAY_ONE_MS + (day + 1) * DAY_MS, distance_ms) if distance_ms else []
        moments += own
        rows += [(DAY_ONE_MS + day * DAY_MS, len(own))] if own else []
    ingest.store(field.station, [Measurement(1, at, 1.0) for at in moments])
    return rows, Span(moments[0], moments[-1] + 1)


def intervals(field, days, interval_ms=HOUR_MS):
    rows, known = store(field, days)
    return usual(field, rows, UTC_ZONE, known, float(interval_ms)).intervals


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("distances", "expected"),
    [
        ([60] * 8, [60] * 8),
        ([20] * 8, [20] * 6 + [60] * 2),
        ([240] * 8, [240] * 8),
        ([60] * 4 + [20] * 5, [60] * 5 + [20] * 2 + [60] * 2),
        ([240] * 10 + [60] * 4, [240] * 11 + [60] * 3),
        ([60] * 4 + [240] * 10, [60] * 3 + [240] * 11),
        ([60] * 3 + [20] + [60] * 4, [60] * 8),
        ([60] * 3 + [480] + [60] * 4, [60] * 8),
        ([50] * 8, [60] * 8),
        ([80] * 8, [60] * 8),
        ([45] * 8, [45] * 6 + [60] * 2),
        ([96] * 8, [96] * 8),
    ],
    ids=str,
)
def test_a_distance_is_usual_where_it_is_so_for_days(field, distances, expected):
    """In minutes, for a station with an hour's interval: distances within 0.8 to 1.5 of it count as the hour itself.

    A day beside a change has the longer distance, and so do the newest day and the one before it.
    """
    found = intervals(field, [each * MINUTE_MS for each in distances])
    assert [round(each / MINUTE_MS) for each in found] == expected


@pytest.mark.django_db
def test_what_is_lost_here_and_there_is_not_slow(field):
    """Half of the readings are missing, at irregular distances: the shortest distances show the board's interval."""
    moments = [DAY_ONE_MS + n * HOUR_MS for n in range(8 * 24) if n % 7 in (0, 1, 4)]
    ingest.store(field.station, [Measurement(1, at, 1.0) for at in moments])
    starts = [DAY_ONE_MS + day * DAY_MS for day in range(8)]
    rows = [(start, sum(start <= at < start + DAY_MS for at in moments)) for start in starts]
    days = usual(field, rows, UTC_ZONE, Span(moments[0], moments[-1] + 1), float(HOUR_MS))
    assert set(days.intervals) == {float(HOUR_MS)}
    Reading.objects.all()._raw_delete("default")
    days = usual(field, rows, UTC_ZONE, Span(moments[0], moments[-1] + 1), float(HOUR_MS))
    assert min(days.intervals) > 1.5 * HOUR_MS, "without raw readings the counts have to do"


@pytest.mark.django_db
def test_the_first_day_begins_with_the_first_reading_and_a_day_before_a_hole_ends_at_its_midnight(field):
    first_ms = DAY_ONE_MS + 20 * HOUR_MS
    rows = [(DAY_ONE_MS, 4), (DAY_ONE_MS + DAY_MS, 24), (DAY_ONE_MS + 5 * DAY_MS, 24)]
    days = usual(field, rows, UTC_ZONE, Span(first_ms, DAY_ONE_MS + 6 * DAY_MS), float(HOUR_MS))
    assert days.starts == [first_ms, DAY_ONE_MS + DAY_MS, DAY_ONE_MS + 5 * DAY_MS]
    assert days.ends == [DAY_ONE_MS + DAY_MS, DAY_ONE_MS + 2 * DAY_MS, DAY_ONE_MS + 6 * DAY_MS]
    assert days.counts == [4, 24, 24]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_first_and_the_newest_day_do_not_show_that_readings_come_fast(field, count):
    """A new board has reported a few times within minutes."""
    first_ms = DAY_ONE_MS + 20 * HOUR_MS
    known = Span(first_ms, first_ms + count * MINUTE_MS)
    days = usual(field, [(DAY_ONE_MS, count)], UTC_ZONE, known, float(HOUR_MS))
    assert days.intervals == [float(HOUR_MS)]


@pytest.mark.django_db
def test_the_days_of_a_zone_end_where_its_clocks_say(station):
    zone = ZoneInfo("Europe/Berlin")
    autumn_ms = to_millis(datetime(2026, 10, 24, 22, tzinfo=UTC))
    days = usual(
        Field(station=station, number=1), [(autumn_ms, 25)], zone, Span(autumn_ms, autumn_ms + 25 * HOUR_MS), 3.6e6
    )
    assert from_millis(days.ends[0]) == datetime(2026, 10, 25, 23, tzinfo=UTC)
