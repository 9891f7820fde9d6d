"""What a clock that was ahead has stored never refuses or hides what a right one brings."""

from datetime import UTC, datetime, timedelta

import pytest

from freetemp.fields import from_millis, to_millis
from readings.calendar.span import QUARTER_MS, quarter_start_ms
from readings.ingest.rate_limit import BURST
from readings.ingest.store_group import store_together
from readings.models import BoardState, Boot, Reading, RefusedReport, StoredAhead
from readings.models.boot import KEPT
from stations.models import Key, Station
from stations.models.status import Status
from tests.readings.ingest.conftest import NOW, NOW_MS
from tests.readings.ingest.test_store_group import Batch, Claim, SingleValue, at
from tests.readings.rollups.counted import assert_rollups_equal_the_readings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

AHEAD = [timedelta(hours=1), timedelta(days=3650)]


@pytest.fixture
def pond(db):
    station = Station.objects.create(name="Pond", mac="0a:00:00:00:00:01")
    return Claim.of(station.mac, Key.objects.issue(station))


def report(claim, value):
    """Store a value, and return the moment it got as the time since NOW."""
    (outcome,) = store_together([SingleValue(claim, 1, value)])
    assert isinstance(outcome, int), outcome
    return from_millis(outcome) - NOW


def newest(claim):
    field = Station.objects.get(mac=claim.mac).fields.get()
    return field.newest_at, field.newest_value


def moments(of):
    noted = StoredAhead.objects.filter(station__name=of).first()
    return noted and [from_millis(ms) - NOW for ms in noted.by_field["1"]]


@pytest.mark.parametrize("ahead", AHEAD)
def test_after_it_every_station_reports_as_ever(garden, pond, clock, ahead):
    report(garden, 1.0)
    clock.return_value = NOW + ahead
    report(garden, 2.0)
    clock.return_value = NOW + timedelta(minutes=1)
    assert report(pond, 3.0) == timedelta(minutes=1), "another station, as the first one"
    assert newest(garden) == (NOW, 1.0), "not the one that is still to come"
    assert report(garden, 4.0) == timedelta(minutes=1)
    assert newest(garden) == (NOW + timedelta(minutes=1), 4.0)
    (receipt,) = store_together([Batch(garden, 7, [at(NOW_MS, 1.0, seq=1), at(NOW_MS + 30_000, 6.0, seq=2)])])
    assert (receipt.stored, receipt.duplicate) == (1, 1)


@pytest.mark.parametrize("ahead", AHEAD)
def test_what_it_dated_ahead_is_noted_by_its_moments(garden, pond, clock, ahead):
    clock.return_value = NOW + ahead
    report(garden, 1.0)
    clock.return_value = NOW + ahead + timedelta(minutes=1)
    report(garden, 2.0)
    clock.return_value = NOW
    report(pond, 3.0)
    assert moments("Garden") == [ahead, ahead + timedelta(minutes=1)]
    assert moments("Pond") is None
    noted = StoredAhead.objects.get()
    assert (noted.noted_at, noted.count) == (NOW, 2)
    assert (noted.first_at, noted.last_at) == (NOW + ahead, NOW + ahead + timedelta(minutes=1))
    assert Reading.objects.count() == 3, "a person decides about them"


def test_a_right_value_at_a_moment_that_a_wrong_clock_has_taken_is_kept_beside_it(garden, clock):
    clock.return_value = NOW + timedelta(hours=1)
    store_together([SingleValue(garden, 1, 1.0)] * 2)
    clock.return_value = NOW
    report(garden, 2.0)
    clock.return_value = NOW + timedelta(hours=1)
    assert report(garden, 3.0) == timedelta(hours=1)
    assert newest(garden) == (NOW + timedelta(hours=1), 3.0)
    assert moments("Garden") == [timedelta(hours=1, milliseconds=n) for n in (1, 2)]
    assert Reading.objects.count() == 4


def test_two_right_values_at_once_find_their_moments_among_wrong_ones(garden, clock):
    clock.return_value = NOW + timedelta(hours=1, milliseconds=1)
    report(garden, 1.0)
    clock.return_value = NOW
    report(garden, 2.0)
    clock.return_value = NOW + timedelta(hours=1)
    outcomes = store_together([SingleValue(garden, 1, 3.0), SingleValue(garden, 1, 4.0)])
    assert [ms - NOW_MS for ms in outcomes] == [3_600_000, 3_600_001]
    assert [Reading.objects.get(measured_at=ms).value for ms in outcomes] == [3.0, 4.0]
    assert moments("Garden") == [timedelta(hours=1, milliseconds=2)]


def test_a_value_that_meets_one_which_nobody_noted_takes_the_next_moment(garden, station, clock):
    report(garden, 1.0)
    Reading.objects.create(station=station, field=1, measured_at=NOW + timedelta(seconds=60), value=9.0)
    clock.return_value = NOW + timedelta(seconds=60)
    assert report(garden, 2.0) == timedelta(seconds=60, milliseconds=1)


def test_reports_in_whole_seconds_are_not_refused_for_those_of_an_hour_ago(garden, station, pond, clock):
    """With one reading a minute, each right moment is one that a clock an hour ahead has told its board before."""
    hour_ms = 3_600_000
    clock.return_value = NOW + timedelta(hours=1)
    wrong = [at(NOW_MS + hour_ms + n * 60_000, 1.0 + n, seq=n) for n in range(3)]
    assert store_together([Batch(garden, 7, wrong)])[0].stored == 3
    clock.return_value = NOW
    report(pond, 1.0)
    clock.return_value = NOW + timedelta(hours=1)
    right = [at(NOW_MS + hour_ms + n * 60_000, value, seq=n + 3) for n, value in enumerate([11.0, 2.0, 13.0])]
    (receipt,) = store_together([Batch(garden, 7, right)])
    assert (receipt.stored, receipt.duplicate, receipt.rejected) == (2, 1, [])
    kept = Reading.objects.filter(station=station).order_by("measured_at").values_list("measured_at", "value")
    assert [(to_millis(moment) - NOW_MS - hour_ms, value) for moment, value in kept] == [
        *((0, 11.0), (1, 1.0), (60_000, 2.0), (120_000, 13.0), (120_001, 3.0)),
    ]
    assert moments("Garden") == [timedelta(hours=1, milliseconds=n) for n in (1, 120_001)]
    assert_rollups_equal_the_readings(station)


def test_the_last_millisecond_of_a_quarter_makes_room_within_its_quarter(garden, station, pond, clock):
    last_ms = quarter_start_ms(NOW_MS + 3_600_000) + QUARTER_MS - 1
    clock.return_value = NOW + timedelta(hours=2)
    assert store_together([Batch(garden, 7, [at(last_ms - 1, 0.5, seq=1), at(last_ms, 1.0, seq=2)])])[0].stored == 2
    clock.return_value = NOW
    report(pond, 1.0)
    clock.return_value = NOW + timedelta(hours=2)
    assert store_together([Batch(garden, 7, [at(last_ms, 11.0, seq=3)])])[0].stored == 1
    kept = Reading.objects.filter(station=station).order_by("measured_at").values_list("measured_at", "value")
    assert [(to_millis(moment) - last_ms, value) for moment, value in kept] == [(-2, 1.0), (-1, 0.5), (0, 11.0)]
    assert_rollups_equal_the_readings(station)


def test_both_directions_in_turn_and_again(garden, pond, clock):
    for value, minutes in enumerate([0, 60, 1, 61, 2, -30, 3, 600, 4]):
        clock.return_value = NOW + timedelta(minutes=minutes)
        assert report(garden, float(value)) == timedelta(minutes=minutes)
        assert newest(garden) == (NOW + timedelta(minutes=minutes), float(value))
        assert report(pond, float(value)) == timedelta(minutes=minutes)
    assert moments("Garden") == [timedelta(minutes=each) for each in (0, 1, 2, 60, 61, 600)]


@pytest.mark.parametrize("seconds", [1, 60, 299])
def test_a_clock_that_is_set_back_a_little_is_followed_and_nothing_is_noted(garden, pond, clock, seconds):
    report(garden, 1.0)
    clock.return_value = NOW - timedelta(seconds=seconds)
    report(pond, 2.0)
    assert report(garden, 3.0) == -timedelta(seconds=seconds)
    clock.return_value = NOW + timedelta(seconds=1)
    report(garden, 4.0)
    assert newest(garden) == (NOW + timedelta(seconds=1), 4.0)
    assert not StoredAhead.objects.exists()


def test_a_board_that_dates_a_little_ahead_is_no_clock_that_was_ahead(garden, clock):
    batch = [at(NOW_MS + 200_000, 1.0, seq=1)]
    assert store_together([Batch(garden, 7, batch)])[0].stored == 1
    assert newest(garden) == (NOW + timedelta(seconds=200), 1.0)
    store_together([Batch(garden, 7, [at(NOW_MS + 201_000, 2.0, seq=2)])])
    assert newest(garden) == (NOW + timedelta(seconds=201), 2.0)
    assert not StoredAhead.objects.exists()


def test_an_import_under_a_clock_that_was_ahead_does_not_hide_what_comes(garden, station, clock):
    from readings import ingest
    from readings.ingest.reports import Measurement

    ingest.store(station, [Measurement(1, NOW_MS + 86_400_000, 1.0)])
    report(garden, 2.0)
    assert newest(garden) == (NOW, 2.0)
    assert moments("Garden") == [timedelta(days=1)]


def test_a_full_bucket_of_another_time_is_empty(garden, clock):
    clock.return_value = NOW + timedelta(days=3650)
    store_together([SingleValue(garden, 1, 1.0)] * (BURST + 1))
    clock.return_value = NOW
    report(garden, 2.0)


def test_boots_of_another_time_make_room(garden, clock):
    clock.return_value = NOW + timedelta(hours=1)
    for boot in range(KEPT):
        store_together([Batch(garden, boot, [at(NOW_MS + boot, seq=1)])])
    clock.return_value = NOW
    for boot in (1000, 1001):
        store_together([Batch(garden, boot, [at(NOW_MS + boot, seq=1)])])
        clock.return_value += timedelta(seconds=1)
    assert {1000, 1001} <= set(Boot.objects.values_list("boot", flat=True))


def test_whatever_happened_by_then_happened_at_the_latest_now(garden, pond, station, clock):
    clock.return_value = later = NOW + timedelta(days=3650)
    report(garden, 1.0)
    Key.objects.filter(station=station).update(issued_at=later, ended_at=None)
    old = Station.objects.create(name="Old", last_heard_at=NOW - timedelta(days=1))
    refused = RefusedReport.objects.create(reason="field", count=1, first_at=later, last_at=later)
    board = BoardState.objects.create(station=old, boot=7, start=1, first_at=later, last_at=later, failed_at=later)
    clock.return_value = NOW
    report(pond, 1.0)
    station.refresh_from_db()
    assert (station.last_heard_at, station.status(NOW)) == (NOW, Status.ALIVE)
    assert (station.keys.get().issued_at, station.keys.get().first_used_at) == (NOW, NOW)
    refused.refresh_from_db()
    assert (refused.first_at, refused.last_at) == (NOW, NOW)
    board.refresh_from_db()
    assert (board.first_at, board.last_at, board.failed_at) == (NOW, NOW, NOW)
    old.refresh_from_db()
    assert old.last_heard_at == NOW - timedelta(days=1)


def test_a_clock_that_is_known_to_be_in_the_past_stores_nothing_and_changes_nothing(garden, clock):
    from readings.ingest.reports import ClockBehindError

    report(garden, 1.0)
    clock.return_value = datetime(2026, 10, 31, tzinfo=UTC)
    with pytest.raises(ClockBehindError):
        store_together([SingleValue(garden, 1, 2.0)])
    assert newest(garden) == (NOW, 1.0)
    assert not StoredAhead.objects.exists()
