"""Detectors of faults: each finds its own, and leaves alone what weather and other sensors do."""

import pytest

from readings.calendar.span import DAY_MS, HOUR_MS, QUARTER_MS, Span
from readings.proposals.limits import Odd, odd
from readings.proposals.moments import outside, power_on, spikes
from readings.proposals.neighbours import Place, changes, disagreeing, is_near
from readings.proposals.runs import Quarter, is_any_long, stuck, wet

MINUTE_MS = 60_000
ALL = (float("-inf"), float("inf"))


def by_minute(*values, step_ms=MINUTE_MS):
    return [(n * step_ms, value) for n, value in enumerate(values)]


def calm(count=30):
    return [round(20 + n % 3 * 0.1, 1) for n in range(count)]


@pytest.mark.parametrize("size", [4, -4, 40])
@pytest.mark.parametrize("width", [1, 3])
def test_a_step_and_back_within_minutes_is_a_spike(size, width):
    values = calm()
    values[10 : 10 + width] = [20 + size] * width
    assert spikes(by_minute(*values), 3) == [n * MINUTE_MS for n in range(10, 10 + width)]


def test_a_step_that_stays_is_none():
    """A cold front, or a sensor that was moved."""
    assert spikes(by_minute(*calm(), *(value - 8 for value in calm())), 3) == []


def test_a_step_that_is_back_after_half_an_hour_is_none():
    assert spikes(by_minute(*calm(), *([26.0] * 30), *calm()), 3) == []


def test_a_sensor_that_flutters_by_as_much_has_no_spikes():
    assert spikes(by_minute(*([20.0, 23.5] * 20)), 3) == []


def test_a_longer_time_between_readings_allows_more():
    values = [*calm(), 27.0, *calm()]
    assert spikes(by_minute(*values, step_ms=MINUTE_MS), 3)
    assert not spikes(by_minute(*values, step_ms=60 * MINUTE_MS), 3)
    values[30] = 33.0
    assert spikes(by_minute(*values, step_ms=60 * MINUTE_MS), 3)
    assert not spikes(by_minute(*values, step_ms=240 * MINUTE_MS), 3), "what weather does in four hours is not known"


def test_two_spikes_with_one_reading_between_them_are_both_found():
    values = calm()
    values[10] = values[12] = 60.0
    assert spikes(by_minute(*values), 3) == [10 * MINUTE_MS, 12 * MINUTE_MS]


@pytest.mark.parametrize("values", [[85.0, *calm()], [*calm(), 85.0, 85.0, *calm()], [*calm(), 85.0]])
def test_85_degc_beside_other_values_is_that_of_a_start(values):
    found = power_on(by_minute(*values), 85.0, 15)
    assert found == [n * MINUTE_MS for n, value in enumerate(values) if value == 85.0]


@pytest.mark.parametrize("values", [[70.5, 78.0, 85.0, 90.0], [85.0, 85.0], [20.0, 85.0, 80.0], []])
def test_85_degc_of_a_stove_is_none(values):
    assert power_on(by_minute(*values), 85.0, 15) == []


def test_what_no_weather_has_is_outside():
    assert outside(by_minute(-80.0, -80.1, 60.0, 60.1), -80, 60) == [MINUTE_MS, 3 * MINUTE_MS]


def quarters(hours, low, high=None, since=0):
    return [
        Quarter(
            since + n * QUARTER_MS, 15, low + (n % 2) * 0.1 if high is None else low, low + 1 if high is None else high
        )
        for n in range(round(hours * 4))
    ]


def after(rows):
    return rows[-1].start_ms + QUARTER_MS


def usual(days=30):
    """Quarters in which the value always changes, but for a run of two hours."""
    rows = quarters(days * 12, 10)
    rows += quarters(2, 7, 7, after(rows))
    return rows + quarters(days * 12 - 2, 10, since=after(rows))


@pytest.mark.parametrize(("hours", "is_found"), [(6, False), (6.5, True), (48, True)])
def test_a_value_that_is_the_same_for_hours_is_stuck(hours, is_found):
    before = usual()
    run = quarters(hours, 12, 12, after(before))
    rows = [*before, *run, *quarters(4, 10, since=after(run))]
    assert [each.span for each in stuck(rows, ALL, HOUR_MS)] == [Span(run[0].start_ms, after(run))] * is_found
    assert is_any_long(rows[-200:], HOUR_MS)


def test_what_was_usual_before_is_not_stuck():
    before = usual()
    three = [*before, *quarters(3, 7, 7, after(before))]
    three += quarters(24, 10, since=after(three))
    run = quarters(8, 12, 12, after(three))
    assert not stuck([*three, *run], ALL, HOUR_MS), "three hours were usual, and it is less than three times as long"
    assert stuck([*before, *quarters(24, 10, since=after(before)), *run], ALL, HOUR_MS)


def test_a_fault_becomes_no_habit_unless_people_found_it_right():
    before = usual()
    first = quarters(20, 12, 12, after(before))
    rows = [*before, *first, *quarters(24, 10, since=after(first))]
    second = quarters(9, 13, 13, after(rows))
    rows += second
    assert [each.value for each in stuck(rows, ALL, HOUR_MS)] == [12, 13]
    right = [Span(first[0].start_ms, after(first))]
    assert [each.value for each in stuck(rows, ALL, HOUR_MS, right)] == [12]


def test_two_equal_values_with_a_gap_between_them_are_no_run():
    before = usual()
    rows = [*before, *quarters(4, 12, 12, after(before))]
    rows += quarters(4, 12, 12, after(rows) + 2 * HOUR_MS)
    assert not stuck(rows, ALL, HOUR_MS)
    assert stuck(rows, ALL, 3 * HOUR_MS)


def test_a_calm_is_not_stuck_and_a_field_of_few_days_has_no_habit():
    before = usual()
    calm_wind = [*before, *quarters(12, 0, 0, after(before))]
    assert not stuck(calm_wind, (0.5, 100), HOUR_MS)
    assert not stuck(calm_wind[-200:], ALL, HOUR_MS)


def test_100_percent_for_days_is_a_wet_sensor_and_a_night_of_it_is_fog():
    before = usual()
    night = quarters(20, 100, 100, after(before))
    assert not wet([*before, *night], HOUR_MS)
    days = quarters(50, 99.6, 100, after(before))
    (run,) = wet([*before, *days], HOUR_MS)
    assert run.span == Span(days[0].start_ms, after(days))


def means(count, shift=0.0, since=50, until=1000):
    """Days of a weather that changes, with a shift from a day on."""
    return {n * DAY_MS: 10 + n % 7 + n % 3 * 0.2 + shift * (since <= n < until) for n in range(count)}


def test_the_one_that_leaves_two_neighbours_is_named():
    near = {1: means(60, 0), 2: {day: value + 3 for day, value in means(60).items()}}
    days = disagreeing(means(60, 4), near, 40 * DAY_MS, 2)
    assert [each.start_ms for each in days] == [n * DAY_MS for n in range(50, 60)]
    assert {each.neighbours for each in days} == {(1, 2)}
    assert all(abs(each.change - 4) < 0.5 for each in days)
    left_alone = {1: means(60, 4), 2: means(60)}
    assert not disagreeing(means(60), left_alone, 40 * DAY_MS, 2), "one of its neighbours left, and not it"
    assert not disagreeing(means(60, 4), {1: means(60)}, 40 * DAY_MS, 2), "nobody knows which of two it was"


def test_a_habit_begins_anew_with_what_people_found_right():
    near = {1: means(80), 2: means(80)}
    assert disagreeing(means(80, 4), near, 70 * DAY_MS, 2)
    assert not disagreeing(means(80, 4), near, 51 * DAY_MS, 2, begins_ms=50 * DAY_MS)
    assert not disagreeing(means(15, 4, 10), {1: means(15), 2: means(15)}, 0, 2), "no habit yet"


def test_neighbours_that_always_differ_tell_nothing():
    wild = {n * DAY_MS: n % 5 * 8.0 for n in range(60)}
    assert changes(means(60, 9), wild, 40 * DAY_MS, 2) == {}


def test_neighbours_are_near_in_kilometres_and_metres():
    berlin = Place(52.52, 13.40, 40)
    assert is_near(berlin, Place(52.40, 13.06, 350 - 10))  # Potsdam
    assert not is_near(berlin, Place(52.40, 13.06, 341))
    assert is_near(berlin, Place(52.40, 13.06, None))
    assert not is_near(berlin, Place(52.52, 13.85, 40))
    assert is_near(Place(0, 179.9, 0), Place(0, -179.95, 0))


def test_limits_are_told_in_the_unit_of_the_field():
    assert odd("temperature", "degF") == Odd(
        pytest.approx(5.4), pytest.approx(-112), pytest.approx(140), ALL, pytest.approx(3.6)
    )
    assert odd("wind_speed", "km/h").step == pytest.approx(36)
    assert odd("rain_counter", "mm") == odd("other", "") == odd("temperature", "K") == Odd()
