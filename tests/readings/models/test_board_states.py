"""The starts of boards: the newest and the worst of what each has told, and 1,000 of each station are kept."""

import pytest

from freetemp.fields import from_millis
from freetemp.sql import few_waits
from readings.models import BoardState
from readings.models.board_state import KEPT, Told
from stations.models import Station

pytestmark = pytest.mark.django_db


def keep(told, at_ms, new=True):
    with few_waits():
        BoardState.objects.keep(told, told if new else (), at_ms)


def test_a_start_has_the_newest_and_the_lowest_of_its_figures(station):
    start = (station.pk, 2**32 - 1, 3)
    keep({start: Told(3, 6, 40, -60, 3.3, 20_000, 2)}, 100_000)
    keep({start: Told(3, None, 100, -90, None, 17_000, 0)}, 160_000)
    keep({start: Told(3, None, 160, -70, 3.1, 19_000)}, 220_000)
    keep({start: Told(3)}, 280_000)
    row = BoardState.objects.get()
    assert (row.first_at, row.last_at) == (from_millis(100_000), from_millis(280_000))
    assert (row.reset_cause, row.up_s, row.started_at) == (6, 40, from_millis(60_000))
    assert (row.rssi, row.lowest_rssi, row.voltage, row.lowest_voltage) == (-70, -90, 3.1, 3.1)
    assert (row.heap, row.lowest_heap, row.failed, row.failed_at) == (19_000, 17_000, 2, from_millis(100_000))


def test_what_was_not_told_is_none(station):
    keep({(station.pk, 7, 0): Told()}, 1)
    row = BoardState.objects.get()
    names = [
        "reset_cause",
        "up_s",
        "rssi",
        "lowest_rssi",
        "voltage",
        "lowest_voltage",
        "heap",
        "lowest_heap",
        "failed",
        "failed_at",
    ]
    assert {getattr(row, name) for name in names} == {None}
    keep({(station.pk, 7, 0): Told(rssi=-70)}, 2)
    row.refresh_from_db()
    assert (row.rssi, row.lowest_rssi, row.voltage) == (-70, -70, None)


def test_each_start_and_each_boot_has_its_row_and_the_newest_is_found(station):
    other = Station.objects.create(name="Other")
    told = {(station.pk, 7, 1): Told(1, 0), (other.pk, 7, 1): Told(1, 4)}
    keep(told, 1)
    keep({(station.pk, 7, 2): Told(2, 3)}, 2)
    keep({(station.pk, 8, 1): Told(1, 6)}, 3)
    assert station.board_states.newest().reset_cause == 6
    assert other.board_states.newest().reset_cause == 4
    assert BoardState.objects.count() == 4


def test_the_newest_thousand_starts_of_each_station_are_kept(station):
    other = Station.objects.create(name="Other")
    keep({(other.pk, 1, 1): Told()}, 1)
    keep({(station.pk, boot, 1): Told() for boot in (1, 2, 3)}, 1)
    keep({(station.pk, boot, 1): Told() for boot in range(4, KEPT + 3)}, 2)
    assert KEPT == 1_000
    assert BoardState.objects.filter(station=station).count() == KEPT + 2, "those of one moment stay together"
    keep({(station.pk, 2, 1): Told()}, 3, new=False)
    assert BoardState.objects.filter(station=station).count() == KEPT + 2, "a known one makes no room"
    keep({(station.pk, 9_999, 1): Told()}, 3)
    kept = set(BoardState.objects.filter(station=station).values_list("boot", flat=True))
    assert kept == {*range(4, KEPT + 3), 9_999}
    assert BoardState.objects.filter(station=other).exists()


def test_starts_are_counted_with_those_that_no_report_had(station):
    other = Station.objects.create(name="Other")
    keep({(station.pk, 7, 1): Told(1, 6)}, 1)
    keep({(station.pk, 7, 2): Told(2, 3), (station.pk, 7, 9): Told(9, 1), (station.pk, 8, 1): Told(1, 0)}, 5_000)
    keep({(other.pk, 7, number): Told(number, 5) for number in range(1, 9)}, 5_000)
    assert BoardState.objects.starts_since(from_millis(2)) == {station.pk: (9, 1, 2)}
    assert BoardState.objects.starts_since(from_millis(1)) == {station.pk: (10, 2, 2)}


def test_the_newest_signal_of_each_board_is_found(station):
    keep({(station.pk, 7, 1): Told(1, rssi=-60)}, 1_000)
    keep({(station.pk, 7, 2): Told(2, rssi=-90)}, 2_000)
    keep({(station.pk, 7, 3): Told(3)}, 3_000)
    assert BoardState.objects.signals_since(from_millis(1)) == {station.pk: -90}
    assert BoardState.objects.signals_since(from_millis(2_001)) == {}
