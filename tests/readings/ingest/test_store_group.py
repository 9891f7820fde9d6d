"""Reports that arrive together share one transaction, and each has the outcome that it would have alone."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isfinite, nan
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.ingest import store_group
from readings.ingest.rate_limit import BURST
from readings.ingest.reports import (
    NO_SEQ,
    Batch,
    Columns,
    Measurement,
    Receipt,
    Sample,
    SingleValue,
    TooOftenError,
    UnknownFieldError,
)
from readings.ingest.store_group import store_together
from readings.models import BoardState, Boot, Day, DirectionDay, DirectionQuarter, Quarter, Reading
from readings.models.board_state import Told
from stations.authentication import WrongKeyError
from stations.models import Claim, Field, Key, Station
from tests.readings.ingest.conftest import NOW, NOW_MS
from tests.readings.rollups.counted import assert_rollups_equal_the_readings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TABLES = (Reading, Quarter, Day, DirectionQuarter, DirectionDay)
POND_MAC = "0a:00:00:00:00:01"


@pytest.fixture
def pond(db):
    """Another station with two fields; its days begin at a quarter past six in the evening UTC."""
    station = Station.objects.create(name="Pond", mac=POND_MAC, timezone="Asia/Kathmandu", interval_s=600)
    station.fields.create(number=2, name="humidity", unit="%")
    return Claim.of(POND_MAC, Key.objects.issue(station))


def at(moment_ms, value=1.0, field=1, seq=NO_SEQ):
    return Sample(seq, field, value, moment_ms, False)


def aged(age_ms, value=1.0, field=1, seq=NO_SEQ):
    return Sample(seq, field, value, age_ms, True)


def stored(**own):
    rows = Reading.objects.filter(**own).order_by("station__name", "field", "measured_at")
    return [(to_millis(moment), value) for moment, value in rows.values_list("measured_at", "value")]


def counts(receipt):
    return receipt.stored, receipt.duplicate, [(each.seq, each.code) for each in receipt.rejected]


def heard():
    return set(Station.objects.exclude(last_heard_at=None).values_list("name", flat=True))


def test_each_report_of_a_group_has_the_outcome_that_it_would_have_alone_in_their_order(garden, pond):
    wrong = garden._replace(digest="0" * 64)
    outcomes = store_together(
        [
            SingleValue(wrong, 1, 1.0),
            SingleValue(garden, 1, 2.0),
            SingleValue(garden, 9, 3.0),
            Batch(pond, 7, [at(NOW_MS - 9, 4.0, 2, seq=1), at(NOW_MS - 9, 5.0, 9, seq=2)]),
            SingleValue(pond._replace(mac=garden.mac), 1, 6.0),
            SingleValue(pond, 2, 7.0),
        ]
    )
    assert [type(each) for each in (outcomes[0], outcomes[2], outcomes[4])] == [
        WrongKeyError,
        UnknownFieldError,
        WrongKeyError,
    ]
    assert (outcomes[1], outcomes[5]) == (NOW_MS, NOW_MS)
    assert counts(outcomes[3]) == (1, 0, [(2, "field")])
    assert stored(station__name="Garden") == [(NOW_MS, 2.0)]
    assert stored(station__name="Pond") == [(NOW_MS - 9, 4.0), (NOW_MS, 7.0)]
    for station in Station.objects.all():
        assert_rollups_equal_the_readings(station)


def test_a_group_of_wrong_keys_alone_stores_nothing_and_takes_no_lock(garden):
    wrong = [SingleValue(garden._replace(digest=digit * 64), 1, 1.0) for digit in "01"]
    with CaptureQueriesContext(connection) as queries:
        assert [type(each) for each in store_together(wrong)] == [WrongKeyError] * 2
    assert len(queries) == 1


def test_values_of_a_field_that_come_together_fill_its_bucket_together_and_take_a_millisecond_each(garden, station):
    outcomes = store_together([SingleValue(garden, 1, float(n)) for n in range(BURST + 2)])
    assert outcomes[:BURST] == [NOW_MS + n for n in range(BURST)]
    assert [type(each) for each in outcomes[BURST:]] == [TooOftenError] * 2
    assert stored() == [(NOW_MS + n, float(n)) for n in range(BURST)]
    assert type(store_together([SingleValue(garden, 1, 0.0)])[0]) is TooOftenError, "and the bucket is kept"


def test_a_bucket_runs_out_by_its_own_stations_interval(garden, pond, clock):
    """A value a minute takes 12 seconds to drip out, and one every ten minutes takes 120."""
    for claim in (garden, pond):
        store_together([SingleValue(claim, 1, 1.0)] * BURST)
    clock.return_value = NOW + timedelta(seconds=12)
    taken = store_together([SingleValue(garden, 1, 1.0), SingleValue(pond, 1, 1.0)])
    assert [type(each) for each in taken] == [int, TooOftenError]
    assert taken[1].retry_after_s == 108


def test_a_moment_that_is_taken_already_is_passed_over(garden, station):
    taken = [Measurement(1, NOW_MS + n, 9.0) for n in (0, 1, 3)]
    ingest.store(station, taken)
    outcomes = store_together([SingleValue(garden, 1, 1.0), SingleValue(garden, 1, 2.0)])
    assert outcomes == [NOW_MS + 2, NOW_MS + 4]
    assert [value for _, value in stored()] == [9.0, 9.0, 1.0, 9.0, 2.0]


def test_a_value_gives_way_to_a_batch_of_its_group_and_the_other_way_round_to_none(garden, station):
    """A batch's moment is fixed: if a value of the group has it, the batch's reading is rejected, or a repeat."""
    batch = Batch(garden, None, [at(NOW_MS, 5.0)])
    receipt, moment = store_together([batch, SingleValue(garden, 1, 1.0)])
    assert (counts(receipt), moment) == ((1, 0, []), NOW_MS + 1)
    again = Batch(garden, None, [at(NOW_MS + 1, 6.0), at(NOW_MS + 9, 7.0)])
    assert counts(store_together([again])[0]) == (1, 0, [(NO_SEQ, "value")])
    assert [value for _, value in stored()] == [5.0, 1.0, 7.0]


def test_a_board_that_repeats_its_report_within_a_group_is_counted_once(garden, station):
    first = Batch(garden, 7, [at(NOW_MS - 20, 1.0, seq=1), at(NOW_MS - 10, 2.0, seq=2)])
    more = Batch(garden, 7, [at(NOW_MS - 10, 2.0, seq=2), at(NOW_MS - 5, 3.0, seq=3)])
    assert [counts(each) for each in store_together([first, first, more])] == [(2, 0, []), (0, 2, []), (1, 1, [])]
    assert Boot.objects.get().seq == 3
    assert_rollups_equal_the_readings(station)


def test_a_repeat_is_told_beside_as_many_single_values(garden, pond):
    """Here all rows are new, and there are as many rows as samples."""
    batch = Batch(garden, None, [at(NOW_MS - 10, 1.0), at(NOW_MS - 10, 1.0)])
    _, receipt = store_together([SingleValue(pond, 1, 5.0), batch])
    assert counts(receipt) == (1, 1, [])


def test_a_repeat_without_a_boot_counts_once_in_the_means_too(garden, station):
    batch = Batch(garden, None, [at(NOW_MS - 10, 1.0), at(NOW_MS - 5, 2.0)])
    newer = Batch(garden, None, [*batch.samples, at(NOW_MS, 3.0)])
    assert [counts(store_together([each])[0]) for each in (batch, newer, newer)] == [(2, 0, []), (1, 2, []), (0, 3, [])]
    assert_rollups_equal_the_readings(station)


def test_a_repeat_that_the_newest_value_does_not_announce_is_told_all_the_same(garden, station):
    """A field says that it has nothing so late: PostgreSQL inserts without looking for repeats, and finds this one."""
    store_together([Batch(garden, None, [at(NOW_MS - 10, 1.0), at(NOW_MS - 5, 2.0)])])
    station.fields.update(newest_at=None, newest_value=None)
    again = Batch(garden, None, [at(NOW_MS - 10, 1.0), at(NOW_MS - 5, 3.0), at(NOW_MS, 4.0)])
    assert counts(store_together([again])[0]) == (1, 1, [(NO_SEQ, "value")])
    assert_rollups_equal_the_readings(station)


def test_a_boot_goes_on_from_its_highest_seq_whatever_came_between(garden, pond, station):
    for seqs in ((0, 5), (3,), (6,)):
        store_together([Batch(garden, 7, [at(NOW_MS - seq, seq=seq) for seq in seqs])])
    assert [value for value, _ in stored()] == [NOW_MS - 6, NOW_MS - 5, NOW_MS], "seq 0 is the first there is"
    store_together([Batch(pond, 7, [at(NOW_MS, seq=2)])])
    assert set(Boot.objects.values_list("station__name", "boot", "seq")) == {("Garden", 7, 6), ("Pond", 7, 2)}


def test_what_a_board_says_of_itself_is_stored_with_its_report(garden, pond):
    garden_says = [
        Batch(garden, 7, [at(NOW_MS - 2, seq=1)], board=Told(3, 6, 20, -60, failed=4)),
        Batch(garden, 7, [], board=Told(3, None, 21, -61)),
        Batch(garden, 7, [], board=Told(4, 1, 5)),
        Batch(garden, None, [at(NOW_MS - 1)], board=Told(9)),
    ]
    store_together([*garden_says, Batch(pond, 7, [], board=Told()), Batch(pond, 8, [])])
    rows = BoardState.objects.order_by("station__name", "start")
    assert list(rows.values_list("station__name", "boot", "start", "reset_cause", "up_s", "rssi", "failed")) == [
        ("Garden", 7, 3, 6, 21, -61, 4),
        ("Garden", 7, 4, 1, 5, None, None),
        ("Pond", 7, 0, None, None, None, None),
    ]
    assert {row.last_at for row in rows} == {NOW}


def test_a_boards_state_is_written_every_five_minutes_and_at_once_if_it_is_news(garden, clock):
    def says(minute, told, boot=7):
        clock.return_value = NOW + timedelta(minutes=minute)
        store_together([Batch(garden, boot, [aged(0, seq=minute)], board=told)])
        row = BoardState.objects.order_by("last_at").last()
        return (row.boot, row.start, row.rssi, (row.last_at - NOW) / timedelta(minutes=1))

    assert says(0, Told(1, 6, 20, -60)) == (7, 1, -60, 0)
    assert says(1, Told(1, 6, 80, -61)) == (7, 1, -61, 1), "its first answer was lost"
    assert [says(minute, Told(1, None, 140, -70, failed=0))[2:] for minute in range(2, 8)] == [(-61, 1)] * 4 + [
        (-70, 6),
        (-70, 6),
    ]
    assert says(8, Told(1, None, 500, -71, failed=2)) == (7, 1, -71, 8)
    assert says(9, Told(2, None, 5, -72)) == (7, 2, -72, 9)
    assert says(10, Told(1, rssi=-73), boot=8) == (8, 1, -73, 10)


def test_an_empty_batch_counts_no_boot(garden):
    assert counts(store_together([Batch(garden, 7, [])])[0]) == (0, 0, [])
    assert not Boot.objects.exists()
    assert heard() == {"Garden"}


@pytest.mark.parametrize("raw_since_ms", [None, NOW_MS - 86_400_000])
def test_the_first_and_last_moments_that_are_taken(garden, station, raw_since_ms):
    Station.objects.update(raw_since=raw_since_ms)
    first_ms, last_ms = raw_since_ms or to_millis(datetime(2010, 1, 1, tzinfo=UTC)), NOW_MS + 300_000
    too_early = "old" if raw_since_ms else "clock"
    batch = [at(first_ms - 1, seq=1), at(first_ms, seq=2), at(last_ms, seq=3), at(last_ms + 1, seq=4)]
    ages = [aged(NOW_MS - first_ms + 1, seq=5), aged(0, seq=6)]
    rejected = [(1, too_early), (4, "clock"), (5, too_early)]
    assert counts(store_together([Batch(garden, 7, [*batch, *ages])])[0]) == (3, 0, rejected)
    assert [moment for moment, _ in stored()] == [first_ms, NOW_MS, last_ms]


@pytest.mark.parametrize("raw_since_ms", [None, NOW_MS - 86_400_000])
@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (at(NOW_MS - 946_684_800_000, seq=1), "before 2010: it counts from 2000, add 946684800"),
        (at(NOW_MS - 946_684_800_000 - 40 * 86_400_000, seq=1), "before 2010: it counts from 2000, add 946684800"),
        (at(0, seq=1), "before 2010: it counts from power-on, set the clock by time or send age"),
        (at(99_999_000, seq=1), "before 2010: it counts from power-on, set the clock by time or send age"),
        (at(-1, seq=1), "before 2010: set the clock by time or send age"),
        (at(1_262_303_999_999, seq=1), "before 2010: set the clock by time or send age"),
        (aged(56 * 365 * 86_400_000, seq=1), "before 2010: the age is too large"),
    ],
)
def test_a_board_that_counts_from_another_moment_is_told_from_which(garden, sample, reason, raw_since_ms):
    Station.objects.update(raw_since=raw_since_ms)
    (receipt,) = store_together([Batch(garden, 7, [sample])])
    assert [(each.code, each.reason) for each in receipt.rejected] == [("clock", reason)]
    assert stored() == []


def test_only_a_report_that_is_taken_counts_as_heard(garden, pond):
    batch = Batch(pond, 7, [at(NOW_MS, field=9, seq=1)])
    store_together([SingleValue(garden, 9, 1.0), SingleValue(pond, 9, 1.0)])
    assert heard() == set()
    store_together([SingleValue(garden, 9, 1.0), batch])
    assert heard() == {"Pond"}, "its reading is settled, though it is not stored"
    assert Station.objects.get(name="Pond").last_heard_at == from_millis(NOW_MS)


def test_the_key_of_each_station_takes_over_with_its_own_first_value(garden, pond):
    store_together([SingleValue(garden, 1, 1.0), Batch(pond, None, [at(NOW_MS, field=9)])])
    assert dict(Key.objects.values_list("station__name", "first_used_at")) == {"Garden": NOW, "Pond": None}


def test_what_a_board_says_is_wrong_is_kept_for_its_own_station_and_written_when_it_changes(garden, pond):
    reports = [Batch(garden, 7, [], "no sensor"), Batch(garden, 7, [], "low battery"), Batch(pond, 7, [])]
    store_together(reports)
    assert dict(Station.objects.values_list("name", "trouble")) == {"Garden": "low battery", "Pond": ""}
    with CaptureQueriesContext(connection) as queries:
        store_together(reports[1:])
    assert not [each for each in queries if "trouble =" in each["sql"]]


def test_a_value_that_is_not_plausible_is_the_newest_and_in_no_mean(garden, station):
    station.fields.update(smallest=-40, largest=60)
    store_together([Batch(garden, None, [at(NOW_MS - 2, 60.0), at(NOW_MS - 1, 85.0), at(NOW_MS - 3, 20.0)])])
    field = station.fields.get()
    assert (field.newest_value, field.newest_at) == (85.0, from_millis(NOW_MS - 1))
    assert_rollups_equal_the_readings(station)


def test_a_group_asks_as_much_whatever_the_number_of_its_reports(garden, pond, clock):
    def asked(count):
        clock.return_value += timedelta(seconds=1)
        values = [SingleValue(claim, 1, 1.0) for claim in (garden, pond) for _ in range(count)]
        batches = [Batch(claim, n, [at(NOW_MS - n, seq=n)]) for claim in (garden, pond) for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            store_together([*values, *batches])
        return len(queries)

    asked(9)  # New boots have others forgotten.
    assert asked(1) == asked(9)


def test_a_boot_has_the_longest_unused_ones_forgotten_when_it_is_new_and_never_again(garden):
    def forgets(seq):
        with CaptureQueriesContext(connection) as queries:
            store_together([Batch(garden, 7, [at(NOW_MS - 1_000 + seq, seq=seq)])])
        return any(each["sql"].startswith("DELETE FROM readings_boot") for each in queries)

    assert [forgets(1), forgets(2)] == [True, False]


def columns(samples):
    """Return samples of one kind of moment as an ordinary report brings them."""
    seqs, fields, values, times_ms, are_ages = map(list, zip(*samples, strict=True))
    return Columns(seqs, fields, values, times_ms, are_ages[0])


def random_reports(draw, claims):
    """Return reports of which most are ordinary: others repeat, contradict, are out of order or not to be stored."""
    reports, seq = [], 0
    for _ in range(draw.randrange(1, 5)):
        make = draw.choice([at, aged])
        odd = draw.choice([0, 0, 0.2])
        samples = []
        for _ in range(draw.randrange(1, 9)):
            seq += draw.choice([1, 1, 5])
            before_ms = draw.randrange(0, 40, 1 if odd else 2) * 450_000 + (10 if odd == 0 else 0) * seq
            if draw.random() < odd / 4:
                before_ms = draw.choice([-400_000, -290_000, 10**12])
            field = 1 + (draw.random() < 0.4) + (draw.random() < odd) * draw.randrange(3)
            value = float(draw.randrange(20)) if draw.random() > odd / 4 else draw.choice([nan, 1e9, -5.0])
            samples.append(make(before_ms if make is aged else NOW_MS - before_ms, value, field, seq))
        batch = Batch(draw.choice(claims), draw.choice([7, 7, 8, None]), samples)
        reports += [batch] * draw.choice([1, 1, 1, 2])
        if draw.random() < 0.3:
            reports.append(SingleValue(draw.choice(claims), 1, float(draw.randrange(20))))
    return reports


def told(outcomes):
    return [counts(each) if isinstance(each, Receipt) else each for each in outcomes]


def test_a_report_that_is_stored_at_once_has_the_outcome_that_it_has_reading_by_reading(garden, pond, station, clock):
    """The fields are of all kinds, and one has limits."""
    kinds = [("rain", "mm", "rain_amount"), ("gauge", "mm", "rain_counter"), ("from", "deg", "wind_direction")]
    for number, (name, unit, quantity) in enumerate(kinds, 2):
        station.fields.create(number=number, name=name, unit=unit, quantity=quantity)
    Station.objects.get(name="Pond").fields.filter(number=1).update(smallest=2, largest=15)
    draw, at_once = random.Random(14), 0
    for _ in range(20):
        clock.return_value += timedelta(seconds=draw.randrange(1, 3_000))
        reports = random_reports(draw, [garden, pond])
        quick = [
            replace(each, samples=columns(each.samples))
            if isinstance(each, Batch) and all(isfinite(sample.value) for sample in each.samples)
            else each
            for each in reports
        ]
        outcomes = []
        for these in (reports, quick):
            with transaction.atomic():
                outcome = store_together(these)
                whole = {model: list(model.objects.order_by("pk").values()) for model in (*TABLES, Boot)}
                outcomes.append((told(outcome), whole, newest_of_fields()))
                transaction.set_rollback(True)
        assert outcomes[0] == outcomes[1], reports
        with mock.patch.object(store_group, "insert_readings", wraps=store_group.insert_readings) as one_by_one:
            store_together(quick)
        at_once += not one_by_one.call_args[0][0]
        for each in Station.objects.all():
            assert_rollups_equal_the_readings(each)
    assert at_once > 3


def newest_of_fields():
    return list(Field.objects.order_by("pk").values("pk", "newest_at", "newest_value"))
