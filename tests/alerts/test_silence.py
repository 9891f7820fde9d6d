"""Silent stations are told: soon, once, together, and only if their silence is unusual."""

from datetime import timedelta

import pytest

from alerts.models import Incident, Rhythm, Rule
from outages.rhythm import limit
from readings.models import Boot, Reading
from stations.models import Station
from tests.alerts.conftest import MINUTE, NOON, make_recipient, make_station

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_silent_station_is_told_once_and_its_return_once(world, roof, anna):
    world.skip(HOUR)
    assert world.told() == []
    world.off.add("Roof")
    world.pass_by(10 * MINUTE)
    assert world.told() == []
    world.pass_by(3 * MINUTE)
    assert world.told() == ["Roof is silent"]
    assert "Roof has not reported since 13:01, 12\xa0minutes ago." in world.texts[0]
    world.skip(3 * HOUR)
    assert world.told() == []
    world.off.clear()
    world.pass_by(5 * MINUTE)
    assert world.told() == ["Roof reports again"]
    assert "Roof was silent for 3\xa0hours, from 13:01 to 16:16." in world.texts[0]
    world.skip(DAY)
    assert world.told() == []


def test_ten_stations_that_fall_silent_together_are_one_message(world, anna):
    for number in range(10):
        make_station(f"Station {number}", interval_s=(60, 120, 300)[number % 3])
    make_station("Elsewhere")
    world.pass_by(20 * MINUTE)
    world.off |= {f"Station {number}" for number in range(10)}
    world.pass_by(30 * MINUTE)
    assert world.told() == ["10 stations are silent"]
    assert "look at what they share, such as a router" in world.texts[0]
    world.off.clear()
    world.pass_by(20 * MINUTE)
    assert world.told() == ["10 stations report again"]


def test_if_all_stations_fall_silent_together_the_server_may_be_the_reason(world, roof, anna):
    make_station("Garden")
    world.pass_by(20 * MINUTE)
    world.off |= {"Roof", "Garden"}
    world.pass_by(20 * MINUTE)
    assert world.told() == ["2 stations are silent"]
    assert "They are all stations of this server" in world.texts[0]


@pytest.mark.sqlite_only
def test_a_station_that_is_often_silent_for_a_while_has_another_rhythm(world, roof, anna):
    for _ in range(3):
        world.skip(DAY)
        world.pass_by(10 * MINUTE)
        world.off.add("Roof")
        world.pass_by(9 * MINUTE)
        world.off.clear()
        world.pass_by(10 * MINUTE)
    assert sorted(Rhythm.objects.longest()[roof.pk]) == [600, 600, 600]
    assert world.told() == []
    world.off.add("Roof")
    world.pass_by(15 * MINUTE)
    assert world.told() == []
    world.pass_by(3 * MINUTE)
    assert world.told() == ["Roof is silent"]


@pytest.mark.parametrize(
    ("interval_s", "longest_s", "minutes"),
    [
        (60, [], 10),
        (600, [], 50),
        (60, [1800, 1800], 10),  # on two days: that may have been trouble
        (60, [1800, 7200, 1800], 45),
        (60, [200_000] * 14, 24 * 60),
        (86_400, [], 5 * 24 * 60),
    ],
)
def test_the_limit_follows_the_interval_and_what_is_usual(interval_s, longest_s, minutes):
    assert limit(interval_s, longest_s) == minutes * MINUTE


def test_a_board_that_only_reports_its_failing_sensor_is_not_silent(world, roof, anna):
    """It does so every ten minutes, or a little later."""
    Station.objects.update(trouble="ds18b20: no answer")
    for _ in range(3):
        world.off.add("Roof")
        world.pass_by(11 * MINUTE)
        world.off.clear()
        world.pass_by(MINUTE)
    assert "Roof is silent" not in world.told()
    world.off.add("Roof")
    world.pass_by(28 * MINUTE)
    assert "Roof is silent" in world.told()


def test_after_a_pause_of_the_watch_stations_have_their_time_to_report(world, roof, anna):
    world.pass_by(20 * MINUTE)
    world.off.add("Roof")  # As when the server itself was off.
    world.pass_by(5 * HOUR, watched=False)
    world.pass_by(9 * MINUTE)
    assert world.told() == []
    world.pass_by(5 * MINUTE)
    assert world.told() == ["Roof is silent"]


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    "rest",
    [
        {"active": False},
        {"simulated": True},
        {"maintenance_since": NOON},
        {"last_heard_at": None},
    ],
)
def test_nobody_minds_a_station_that_has_a_rest(world, anna, rest):
    make_station("Roof")
    world.off.add("Roof")
    Station.objects.update(**rest)
    world.pass_by(20 * MINUTE)
    assert world.told() == []
    assert not Incident.objects.exists()


def test_an_alarm_that_nobody_minds_any_more_ends_without_a_word(world, roof, anna):
    world.off.add("Roof")
    world.pass_by(20 * MINUTE)
    assert world.told() == ["Roof is silent"]
    Station.objects.update(active=False)
    world.pass_by(20 * MINUTE)
    assert Incident.objects.get().dropped
    assert world.told() == []


@pytest.mark.sqlite_only
def test_what_comes_and_goes_is_told_less_and_less(world, roof, anna):
    told = []
    for _ in range(5):
        world.off.add("Roof")
        world.pass_by(15 * MINUTE)
        world.off.clear()
        world.pass_by(15 * MINUTE)
        told.append(world.told())
    began, ended = "Roof is silent", "Roof reports again"
    assert told[:4] == [[began, ended], [began, ended], [began], []]
    assert told[4:] == [[]]
    world.skip(7 * HOUR)
    assert world.told() == [ended]
    world.skip(2 * DAY)
    assert world.told() == []
    world.off.add("Roof")
    world.pass_by(30 * MINUTE)
    assert world.told() == [began]


@pytest.mark.sqlite_only
def test_the_third_message_of_a_day_says_that_it_comes_and_goes(world, roof, anna):
    for _ in range(3):
        world.off.add("Roof")
        world.pass_by(15 * MINUTE)
        world.off.clear()
        world.pass_by(15 * MINUTE)
    world.told()
    often = [text for text in world.texts if "the third time in 24 hours" in text]
    assert len(often) == 1


@pytest.mark.sqlite_only
def test_what_stays_is_reminded_of_after_a_day_and_a_week_and_then_no_more(world, roof, anna):
    world.off.add("Roof")
    world.pass_by(20 * MINUTE)
    assert world.told() == ["Roof is silent"]
    for after, told in [(22, []), (2, ["Roof is still silent"]), (5 * 24, []), (25, ["Roof is still silent"])]:
        world.skip(after * HOUR)
        assert world.told() == told
    world.skip(30 * DAY)
    assert world.told() == []


@pytest.mark.sqlite_only
def test_a_rule_of_its_own_goes_before_the_one_for_every_station(world, roof, anna):
    make_station("Garden")
    Rule.objects.create(kind="silent", station=roof, minutes=30)
    Rule.objects.create(kind="silent", station=Station.objects.get(name="Garden"), active=False)
    world.off |= {"Roof", "Garden"}
    world.pass_by(30 * MINUTE)
    assert world.told() == []
    world.pass_by(5 * MINUTE)
    assert world.told() == ["Roof is silent"]


def test_each_is_told_of_their_own_stations(world, roof, anna):
    garden = make_station("Garden")
    make_recipient("Ben", "ben@school.example", every_station=False).stations.add(garden)
    world.off.add("Roof")
    world.pass_by(20 * MINUTE)
    assert world.told() == ["Roof is silent"]
    world.off = {"Garden"}
    world.pass_by(20 * MINUTE)
    assert sorted(world.told()) == ["Garden is silent", "Garden is silent", "Roof reports again"]


@pytest.mark.sqlite_only
def test_a_message_is_in_the_language_and_by_the_clock_of_its_recipient(world, roof):
    make_recipient(language="de", timezone="Europe/Berlin")
    world.off.add("Roof")
    world.pass_by(20 * MINUTE)
    assert world.told() == ["Roof ist verstummt"]
    assert "13:00" in world.texts[0]


@pytest.mark.sqlite_only
def test_what_happens_in_quiet_hours_is_told_afterwards(world, roof):
    make_recipient(quiet_from="22:00", quiet_until="07:00")
    world.skip(11 * HOUR)
    world.off.add("Roof")
    world.pass_by(30 * MINUTE)
    world.off.clear()
    world.pass_by(MINUTE)
    world.skip(7 * HOUR)
    world.off.add("Roof")
    world.pass_by(20 * MINUTE)
    assert world.told() == []
    world.pass_by(10 * MINUTE)
    assert sorted(world.told()) == ["Roof is silent", "Roof reports again"]
    assert any("from 24 Nov, 23:01 to 24 Nov, 23:32" in text for text in world.texts)


def arrive(station, minutes, at):
    Reading.objects.bulk_create(
        Reading(station=station, field=1, measured_at=at + minute * MINUTE, value=20.0) for minute in minutes
    )


@pytest.mark.parametrize(
    ("minutes", "boot", "sentence"),
    [
        (
            range(1, 60),
            None,
            "It went on measuring: its WiFi, its router or the internet was away. All 60 readings of that time arrived",
        ),
        (range(30), None, "The cause is not known. 29 of its 60 readings arrived late."),
        ([], None, "The cause is not known. None of its 60 readings has arrived."),
        ([], 2, "It probably had no power. None of its 60 readings"),
        ([], 5000, "It had power, for its board has not started anew: probably it hung, or its sensor"),
    ],
)
def test_the_return_says_what_is_known_of_the_cause(world, roof, anna, minutes, boot, sentence):
    world.pass_by(MINUTE)
    world.off.add("Roof")
    began = world.now
    world.pass_by(12 * MINUTE)
    world.told()
    world.skip(47 * MINUTE)
    world.off.clear()
    world.pass_by(MINUTE)
    arrive(roof, minutes, began)
    if boot is not None:
        Boot.objects.create(station=roof, boot=7, seq=boot, used_at=world.now)
    world.pass_by(4 * MINUTE)
    assert world.told() == ["Roof reports again"]
    assert sentence in world.texts[0]
