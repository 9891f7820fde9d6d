"""Troubles of a station as a whole are told by rules that are there from the start, or that somebody adds."""

from datetime import timedelta

import pytest

from alerts.models import Incident, Rule
from alerts.rules.power import usual_low
from freetemp.fields import to_millis
from readings.models import BoardState, DeviceState, RefusedReport
from readings.models.device_state import DeviceTold
from stations.models import Field, Station
from tests.alerts.conftest import MINUTE, NOON, make_recipient, make_station
from tests.alerts.quarters import have, have_days

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def battery(roof):
    """A cell of lithium ion that was full last month."""
    field = Field.objects.create(
        station=roof, number=2, name="battery", unit="V", quantity="battery_voltage", decimals=2, newest_at=NOON
    )
    have_days(field, NOON - 30 * DAY, [4.18] * 30)
    return field


def measure(world, field, values, length):
    """Let a time pass after which the last quarters had these values."""
    world.skip(length)
    have(field, world.now - timedelta(minutes=15 * (len(values) - 1)), values)
    Field.objects.filter(pk=field.pk).update(newest_at=world.now)
    world.pass_by(9 * MINUTE)


def say(station, words):
    Station.objects.filter(pk=station.pk).update(trouble=words)


def test_what_a_board_says_of_its_sensor_is_told_after_half_an_hour_and_its_end(world, roof, anna):
    say(roof, "ds18b20: no answer")
    world.pass_by(29 * MINUTE)
    assert world.told() == []
    world.pass_by(4 * MINUTE)
    assert world.told() == ["Roof: no reading of the sensor"]
    assert "the sensor gives no reading. Its board says: ds18b20: no answer" in world.texts[0]
    say(roof, "")
    world.pass_by(9 * MINUTE)
    assert world.told() == ["Roof: the board is well again"]


def test_a_trouble_that_passes_at_once_is_not_told_and_so_is_one_that_needs_nothing(world, roof, anna):
    say(roof, "ds18b20: no answer")
    world.pass_by(20 * MINUTE)
    say(roof, "3 without a date")
    world.pass_by(60 * MINUTE)
    assert world.told() == []


def test_a_flash_that_cannot_be_written_is_told_in_german(world, roof):
    make_recipient(language="de")
    say(roof, "flash: OSError 5; ds18b20: no answer")
    world.pass_by(33 * MINUTE)
    assert world.told() == ["Roof: Schwierigkeiten der Platine"]
    assert "Sie meldet: flash: OSError 5; ds18b20: no answer" in world.texts[0]


def test_a_low_battery_is_told_by_what_it_was_when_it_was_full_and_once_for_all_nights(world, anna, battery):
    measure(world, battery, [3.9] * 5, MINUTE)
    assert world.told() == []
    measure(world, battery, [3.35] * 5, 6 * HOUR)
    assert world.told() == ["Roof: battery is low"]
    assert "battery is low, with 3.35\u202fV at most in the last hour." in world.texts[0]
    measure(world, battery, [3.8] * 5, 12 * HOUR)  # The sun has charged it for the day.
    assert world.told() == []
    measure(world, battery, [4.1] * 96, 2 * DAY)
    assert world.told() == ["Roof: battery is low", "Roof: battery is good again"]  # A reminder came first.


def test_a_battery_in_percent_and_one_with_a_limit_of_its_own(world, roof, anna, battery):
    Field.objects.filter(pk=battery.pk).update(unit="%", quantity="other", decimals=0)
    measure(world, battery, [14.0] * 5, MINUTE)
    assert world.told() == ["Roof: battery is low"]
    Incident.objects.all().delete()
    Field.objects.filter(pk=battery.pk).update(unit="V", quantity="battery_voltage")
    Rule.objects.create(kind="battery", station=roof, limit=3.0)
    measure(world, battery, [3.2] * 5, HOUR)
    assert world.told() == []
    measure(world, battery, [2.9] * 5, 2 * HOUR)
    assert len(world.told()) == 1


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("highest", "low"),
    [(1.5, 1.1), (3.2, 2.3), (4.2, 3.4), (4.8, 3.5), (12.6, 10.2), (14.4, 11.8), (60.0, None), (0, None)],
)
def test_the_kind_of_battery_is_known_by_its_highest_voltage(highest, low):
    assert usual_low(highest) == low


def test_a_weak_signal_is_told_if_somebody_wants_to_hear_of_it(world, roof, anna):
    signal = Field.objects.create(
        station=roof,
        number=2,
        name="signal strength",
        unit="dBm",
        quantity="signal_strength",
        decimals=0,
        newest_at=NOON,
    )
    have_days(signal, NOON - 3 * DAY, [-80.0] * 3)
    measure(world, signal, [-91.0] * 5, MINUTE)
    assert world.told() == []
    Rule.objects.create(kind="signal")
    measure(world, signal, [-91.0] * 5, HOUR)
    assert world.told() == ["Roof: signal strength is weak"]
    measure(world, signal, [-86.0] * 5, HOUR)
    assert world.told() == []
    measure(world, signal, [-80.0] * 5, 2 * HOUR)
    assert world.told() == ["Roof: signal strength is good again"]


def test_reports_that_go_on_being_refused_are_told_with_what_to_do(world, anna):
    station = make_station("Roof", mac="6c:ef:7f:3b:9d:e8")
    Rule.objects.create(kind="refused")
    report = RefusedReport.objects.create(
        reason="field", mac=station.mac, part="9", count=5, first_at=NOON, last_at=NOON + 20 * MINUTE
    )
    world.pass_by(22 * MINUTE)
    assert world.told() == ["Roof: reports are refused"]
    assert "refused, 5 times so far: unknown field. Add the field to the station" in world.texts[0]
    report.delete()
    world.pass_by(10 * MINUTE)
    assert world.told() == ["Roof: reports are taken again"]


def start(station, at, number, cause, **own):
    BoardState.objects.create(station=station, boot=7, start=number, first_at=at, last_at=at, reset_cause=cause, **own)


def test_a_board_that_restarts_again_and_again_is_told_with_what_is_known_of_the_cause(world, roof, anna):
    for number in range(5):
        start(roof, NOON - number * HOUR, 4 - number, 3)
    world.pass_by(7 * MINUTE)
    assert world.told() == []
    start(roof, world.now, 5, 6)
    world.pass_by(7 * MINUTE)
    assert world.told() == ["Roof restarts again and again"]
    assert "has restarted 6 times in 24 hours, mostly because it hung or crashed." in world.texts[0]
    world.skip(23 * HOUR)
    world.pass_by(10 * MINUTE)
    assert world.told() == ["Roof has stopped restarting"]


def test_starts_that_ended_before_their_first_report_count_as_in_the_overview(world, roof, anna):
    for number in (1, 4, 7):
        start(roof, NOON - (8 - number) * HOUR, number, 3)
    world.pass_by(7 * MINUTE)
    assert world.told() == ["Roof restarts again and again"]
    assert "has restarted 7 times in 24 hours." in world.texts[0]


def test_what_a_board_says_of_its_voltage_and_signal_counts_without_a_field(world, roof, anna):
    Rule.objects.create(kind="signal")
    start(roof, NOON, 1, 0, voltage=2.8, rssi=-92)
    world.pass_by(4 * MINUTE)
    assert world.told() == ["2 troubles, the first at Roof"]
    assert "Roof: voltage is low, with 2.80\u202fV" in world.texts[0]
    assert "signal strength is weak, \N{MINUS SIGN}92\u202fdBm" in world.texts[0]


def call_low(station, at, names):
    DeviceState.objects.keep({station.pk: DeviceTold(rssi=-91, low_batteries=names)}, to_millis(at))


def test_batteries_that_a_device_calls_low_are_told_in_the_readers_language_and_their_end_a_day_later(world, roof):
    make_recipient(language="de")
    call_low(roof, NOON, "outdoor sensor, WH57")
    world.pass_by(7 * MINUTE)
    assert world.told() == ["Roof: Batterie niedrig"]
    assert "Das Gerät nennt Batterien schwach: Außensensor, WH57." in world.texts[0]
    for wait, is_over in ((HOUR, False), (DAY, True)):
        world.skip(wait)
        call_low(roof, world.now, "")
        world.pass_by(6 * MINUTE)
        assert (Incident.objects.get().ended_at is not None) == is_over


def test_a_devices_own_weak_signal_counts_as_a_boards(world, roof, anna):
    Rule.objects.create(kind="signal")
    call_low(roof, NOON, None)
    world.pass_by(4 * MINUTE)
    assert world.told() == ["Roof: signal strength is weak"]


@pytest.mark.all_parameters
@pytest.mark.parametrize("rest", ["off", "maintenance", "simulated", "own rule"])
def test_a_station_that_has_a_rest_is_not_told_and_its_trouble_ends_without_a_word(world, roof, anna, rest):
    say(roof, "ds18b20: no answer")
    world.pass_by(33 * MINUTE)
    assert len(world.told()) == 1
    if rest == "own rule":
        Rule.objects.create(kind="sensor", station=roof, active=False)
    else:
        own = {"off": {"active": False}, "maintenance": {"maintenance_since": NOON}, "simulated": {"simulated": True}}
        Station.objects.filter(pk=roof.pk).update(**own[rest])
    world.pass_by(10 * MINUTE)
    assert world.told() == []
    assert Incident.objects.get().dropped


def test_of_a_trouble_that_comes_and_goes_the_third_message_says_so(world, roof, anna):
    Rule.objects.filter(kind="sensor").update(minutes=0)
    told = []
    for _ in range(6):
        say(roof, "ds18b20: no answer")
        world.pass_by(4 * MINUTE)
        say(roof, "")
        world.pass_by(5 * MINUTE)
        told += world.told()
    assert told.count("Roof: no reading of the sensor") == 3


def test_the_rules_that_need_no_thought_are_there_and_on(db):
    rules = Rule.objects.filter(station=None, active=True)
    assert sorted(rule.kind for rule in rules) == ["battery", "restarts", "sensor", "silent"]
