"""Counts of refused reports: their grouping, and the differences that keep them apart."""

import pytest

from readings.ingest.refusals import KEY, _merge, _told_apart
from readings.models import RefusedReport
from readings.models.refused_report import Reason, Refusal, Tally
from stations.models import Station
from tests.conftest import MAC

STRANGER = "0a:00:00:00:00:01"
NETWORK = "192.0.2.1"


@pytest.mark.parametrize("later_first", [False, True])
def test_two_counts_are_one_with_the_first_moment_and_the_newest_example(later_first):
    early, late = Tally(2, 10, 20, "no", "early"), Tally(3, 15, 30, "yes", "late")
    refusal, tallies = Refusal("field", "", "", ""), {}
    for each in (late, early) if later_first else (early, late):
        _merge(tallies, refusal, each)
    assert tallies == {refusal: Tally(5, 10, 30, "yes", "late")}


def test_of_counts_of_the_same_moment_the_one_that_comes_then_is_the_newest():
    tallies = {}
    for example in ("first", "then"):
        _merge(tallies, Refusal("field", "", "", ""), Tally(1, 10, 10, "", example))
    assert tallies[Refusal("field", "", "", "")].example == "then"


@pytest.mark.django_db
def test_a_wrong_key_is_told_apart_by_what_its_mac_is_of(station):
    Station.objects.create(name="Off", mac="aa:bb:cc:dd:ee:01", active=False)
    macs = {
        MAC: Reason.WRONG_KEY,
        "aa:bb:cc:dd:ee:01": Reason.INACTIVE,
        STRANGER: Reason.UNKNOWN_MAC,
        "": Reason.CREDENTIALS,
    }
    tallies = {Refusal(KEY, mac, NETWORK, ""): Tally(1, 1, 1, "", "") for mac in macs}
    assert {each.mac: each.reason for each in _told_apart(tallies)} == macs


@pytest.mark.django_db
def test_what_comes_without_a_right_key_keeps_the_mac_of_a_station_alone(station):
    tallies = {
        Refusal(Reason.MALFORMED, mac, NETWORK, "data"): Tally(1, 1, 1, "", "")
        for mac in (MAC, STRANGER, "0b" + STRANGER[2:])
    }
    told = {each.mac: tally.count for each, tally in _told_apart(tallies).items()}
    assert told == {MAC: 1, "": 2}


@pytest.mark.django_db
def test_counts_are_added_to_the_row_that_is_there_which_keeps_its_first_moment():
    refusal = Refusal("field", MAC, NETWORK, "7")
    RefusedReport.objects.add({refusal: Tally(2, 1_000, 2_000, "no", "one")})
    RefusedReport.objects.add(
        {refusal: Tally(3, 3_000, 4_000, "yes", "two"), refusal._replace(part="8"): Tally(1, 5, 5, "", "")}
    )
    row = RefusedReport.objects.get(part="7")
    assert (row.count, row.first_at.timestamp(), row.last_at.timestamp()) == (5, 1, 4)
    assert (row.answer, row.example) == ("yes", "two")
    assert RefusedReport.objects.count() == 2


@pytest.mark.django_db
def test_a_row_comes_with_the_station_that_has_its_mac_now(station):
    for mac in (MAC, STRANGER):
        RefusedReport.objects.add({Refusal(Reason.UNKNOWN_MAC, mac, NETWORK, ""): Tally(1, 1, 1, "", "")})
    RefusedReport.objects.add({Refusal(Reason.WRONG_KEY, MAC, NETWORK, ""): Tally(1, 1, 1, "", "")})
    rows = RefusedReport.objects.with_station().filter(reason=Reason.UNKNOWN_MAC).order_by("mac")
    assert [(row.station_id, row.station_name) for row in rows] == [(None, None), (station.pk, "Garden")]
    assert [row.mac for row in RefusedReport.objects.unknown(MAC)] == [MAC]
