"""The counts of boards: 64 boots of each station are kept, and the longest unused ones go."""

import pytest

from readings.models import Boot
from readings.models.boot import KEPT, Reached
from stations.models import Station

pytestmark = pytest.mark.django_db


def keep(seqs, at_ms):
    Boot.objects.keep({boot: Reached(seq) for boot, seq in seqs.items()}, at_ms, new=seqs)


def boots(station):
    return set(Boot.objects.filter(station=station).values_list("boot", flat=True))


def test_the_64_that_were_used_last_are_kept(station):
    for boot in range(66):
        keep({(station.pk, boot): 1}, at_ms=boot)
        if boot == 63:
            assert boots(station) == set(range(64))
    assert KEPT == 64
    assert boots(station) == set(range(2, 66))
    keep({(station.pk, 2): 2}, at_ms=66)
    keep({(station.pk, 66): 1}, at_ms=67)
    assert boots(station) == {2, *range(4, 67)}, "one that is used again is not the longest unused"


def test_boots_that_were_used_at_once_stay_together(station):
    keep({(station.pk, boot): 1 for boot in range(70)}, at_ms=5)
    assert boots(station) == set(range(70))
    keep({(station.pk, boot): 1 for boot in range(100, 164)}, at_ms=6)
    assert boots(station) == set(range(100, 164))


def test_each_station_has_its_own_64(station):
    other = Station.objects.create(name="Other")
    keep({(other.pk, boot): 1 for boot in range(3)}, at_ms=1)
    for at_ms in (2, 3):
        keep({(station.pk, boot): 1 for boot in range(at_ms * 100, at_ms * 100 + 64)}, at_ms)
    assert (boots(station), boots(other)) == (set(range(300, 364)), {0, 1, 2})


def test_the_highest_seqs_are_those_of_the_stations_that_are_asked_for(station):
    other = Station.objects.create(name="Other")
    keep({(station.pk, 7): 5, (station.pk, 8): 2**53 - 1, (other.pk, 7): 9}, at_ms=1)
    keep({(station.pk, 7): 6}, at_ms=2)
    reached = Boot.objects.reached({station.pk})
    assert {boot: each.seq for boot, each in reached.items()} == {(station.pk, 7): 6, (station.pk, 8): 2**53 - 1}
    assert Boot.objects.reached({station.pk, other.pk})[other.pk, 7].seq == 9


def test_the_rejected_seqs_of_the_last_report_are_kept(station):
    for reached in (Reached(5, frozenset({2, 2**53 - 1})), Reached(6)):
        Boot.objects.keep({(station.pk, 7): reached}, at_ms=1, new=())
        assert Boot.objects.reached({station.pk}) == {(station.pk, 7): reached}
