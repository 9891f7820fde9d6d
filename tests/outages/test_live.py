"""Outages are noted as they happen, each with what is known of its cause."""

import pytest

from outages.causes import Cause
from outages.models import Outage
from outages.words import told
from stations.models import Station
from tests.outages.conftest import NOON


def test_an_outage_is_from_the_last_report_to_the_first_after_it(sky):
    roof = sky.make()
    sky.look(9)
    assert sky.spans() == []
    sky.look(11)
    sky.look(12)
    assert sky.spans() == [("Roof", 0, None)]
    sky.hear(192, roof)
    sky.look(192)
    sky.look(193)
    assert sky.spans() == [("Roof", 0, 192)]
    assert sky.outage(roof).was_watched


def test_a_station_has_its_own_rhythm(sky):
    hourly, often_away = sky.make("Hourly", interval_s=3600), sky.make("Often away")
    sky.longest = {often_away.pk: [1800, 1800, 1800]}
    sky.look(44)
    assert sky.spans() == []
    sky.look(46)
    assert sky.spans() == [("Often away", 0, None)]
    sky.look(301)
    assert ("Hourly", 0, None) in sky.spans()
    assert hourly.outages.count() == 1


def test_a_silence_that_is_usual_for_its_station_counts_if_others_are_lost_with_it(sky):
    often_away, *others = [sky.make(name) for name in ("Often away", "Roof", "Shed")]
    sky.longest = {often_away.pk: [1800, 1800, 1800]}
    sky.look(11)
    sky.hear(36, often_away, *others)
    sky.look(36)
    for station in (often_away, *others):
        sky.arrive(station, range(1, 36))
    sky.look(40)
    assert sky.spans() == [("Often away", 0, 36), ("Roof", 0, 36), ("Shed", 0, 36)]
    assert [(each.cause, each.is_sure) for each in Outage.objects.all()] == [(Cause.WAY, True)] * 3


@pytest.mark.parametrize(("back_at", "cause"), [(None, Cause.WAY), (60, Cause.WAY), (50, Cause.NETWORK)])
def test_a_station_that_was_away_before_tells_nothing_about_others(sky, back_at, cause):
    """It tells that this server was reached if it is back before them."""
    dead, *stations = [sky.make(name) for name in ("Dead", "A", "B", "C")]
    sky.look(11)
    sky.hear(20, *stations)
    sky.look(20)
    sky.look(31)
    if back_at:
        sky.hear(back_at, dead)
        sky.look(back_at)
    sky.hear(60, *stations)
    sky.look(60)
    for station in stations:
        sky.arrive(station, range(21, 60))
    sky.look(64)
    found = Outage.objects.filter(began_at=sky.at(20))
    of = 3 + (back_at == 50)
    assert [(each.cause, each.is_sure, each.of) for each in found] == [(cause, True, of)] * 3


def test_a_silence_that_is_usual_for_its_station_is_none_of_what_others_have_later(sky):
    often_away, roof = sky.make("Often away"), sky.make("Roof")
    sky.longest = {often_away.pk: [1800, 1800, 1800]}
    sky.hear(10, roof)
    sky.look(21)
    assert sky.spans() == [("Roof", 10, None)]


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    "rest", [{"active": False}, {"simulated": True}, {"maintenance_since": NOON}, {"last_heard_at": None}]
)
def test_a_station_that_has_a_rest_has_no_outage(sky, rest):
    sky.make()
    Station.objects.update(**rest)
    sky.look(60)
    assert sky.spans() == []


def test_an_outage_ends_when_nobody_minds_any_more(sky):
    sky.make()
    sky.look(60)
    Station.objects.update(active=False)
    sky.look(90)
    assert sky.spans() == [("Roof", 0, 90)]


def test_stations_that_lose_power_together_are_witnesses_for_each_other(sky):
    stations = [sky.make(name) for name in ("A", "B", "C", "D", "E")]
    secret = sky.make("Secret", public=False)
    lost, there = [*stations[:3], secret], stations[3:]
    sky.hear(1, stations[1])  # Each reports at its own second.
    sky.hear(14, *there)
    sky.look(14)
    sky.hear(60, *stations, secret)
    sky.look(60)
    for station in lost:
        sky.start_anew(station, 60)
    sky.look(64)
    sky.look(65)
    outages = list(Outage.objects.order_by("station"))
    assert [(each.cause, each.is_sure, each.together, each.of) for each in outages] == [(Cause.POWER, True, 4, 6)] * 4
    assert [(each.public_together, each.public_of) for each in outages[:3]] == [(3, 5)] * 3
    assert told(outages[0]).startswith("It had no power. 4 of 6 stations were lost at the same moment. None of its 59")
    assert "3 of 5 stations" in told(outages[0], to_public=True)


def test_a_station_that_is_lost_some_minutes_later_is_no_witness(sky):
    roof, shed = sky.make("Roof"), sky.make("Shed")
    sky.hear(4, shed)
    sky.look(16)
    sky.hear(60, roof, shed)
    sky.look(60)
    sky.start_anew(roof, 60)
    sky.start_anew(shed, 60)
    sky.look(64)
    assert [(each.is_sure, each.together) for each in Outage.objects.all()] == [(False, 1)] * 2


def test_readings_that_arrive_late_say_that_the_network_was_away(sky):
    roof, shed = sky.make("Roof"), sky.make("Shed")
    sky.hear(60, shed)
    sky.look(60)
    sky.hear(61, roof)
    sky.look(61)
    sky.arrive(roof, range(1, 20))
    sky.look(65)
    assert (sky.outage(roof).cause, sky.outage(roof).arrived) == (Cause.UNKNOWN, 19)
    sky.arrive(roof, range(20, 61))
    sky.hear(92, roof, shed)
    sky.look(92)  # It is weighed again after half an hour.
    assert (sky.outage(roof).cause, sky.outage(roof).is_sure, sky.outage(roof).together) == (Cause.NETWORK, True, 1)
    assert told(sky.outage(roof)).endswith("All 60 readings of that time arrived late.")


def test_a_pause_of_the_server_is_told_for_stations_that_report_again_before_anybody_looks(sky):
    roof, shed, quiet = sky.make("Roof"), sky.make("Shed"), sky.make("Quiet")
    sky.run(-60, -1, 0)
    for station in (roof, shed, quiet):
        sky.arrive(station, [-1, 0])
    sky.run(120)
    sky.hear(121, roof, shed)
    sky.look(121)
    sky.arrive(roof, range(1, 121))
    sky.hear(140, quiet, roof, shed)
    sky.look(140)
    sky.look(150)
    assert sky.spans() == [("Quiet", 0, 140), ("Roof", 0, 121), ("Shed", 0, 121)]
    assert [each.cause for each in Outage.objects.all()] == [Cause.SERVER] * 3
    assert (
        told(sky.outage(shed)) == "This server was off, or could store nothing. None of its 120 readings has arrived."
    )


def test_a_short_pause_of_the_server_is_no_outage(sky):
    sky.arrive(sky.make(), [0])
    sky.run(0, 8)
    Station.objects.update(last_heard_at=sky.at(8))
    sky.look(8)
    assert sky.spans() == []


def test_a_board_whose_sensor_fails_is_there_all_the_time(sky):
    roof = sky.make()
    roof.fields.update(newest_at=NOON)
    Station.objects.update(trouble="ds18b20: no answer", last_heard_at=sky.at(11))
    sky.arrive(roof, [0])
    sky.look(11)
    assert sky.spans() == [("Roof", 0, None)]
    sky.hear(50, roof)
    sky.look(50)
    assert sky.outage(roof).ended_at is None
    roof.fields.update(newest_at=sky.at(60))
    Station.objects.update(trouble="", last_heard_at=sky.at(60))
    sky.look(60)
    sky.look(64)
    assert (sky.outage(roof).cause, sky.outage(roof).is_sure) == (Cause.SENSOR, True)


@pytest.mark.parametrize(("last", "cause"), [(3.4, Cause.BATTERY), (4.0, Cause.UNKNOWN)])
def test_a_battery_that_fell_before_is_a_likely_cause(sky, last, cause):
    from readings.models import Quarter

    roof = sky.make()
    roof.fields.create(number=2, name="battery", unit="V")
    sky.arrive(roof, [0])
    roof.readings.create(station=roof, field=2, measured_at=NOON, value=last)
    Quarter.objects.create(station=roof, field=2, start=sky.at(-2880), count=1, sum=4.1, min=4.1, max=4.1)
    sky.look(30)
    sky.hear(31, roof)
    sky.look(31)
    sky.look(35)
    assert sky.outage(roof).cause == cause
