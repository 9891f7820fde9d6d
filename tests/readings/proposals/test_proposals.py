"""Proposals: one for each matter, that grows while it goes on, and does not come back once it was refused."""

import random
from io import StringIO

import pytest
from django.core.management import call_command

from benchmarks.proposals import of_demo, with_faults
from freetemp.fields import from_millis, now_millis, to_millis
from readings import ingest
from readings.calendar.span import DAY_MS, HOUR_MS, Span
from readings.ingest.reports import Measurement
from readings.models import Checked, Day, SetAside
from readings.proposals import rounds
from readings.rollups.pending import follow_pending
from readings.treatment import State, accept, add_sensor, refuse, set_aside, undo
from stations.models import Field, Station, StationGroup

pytestmark = pytest.mark.django_db

MINUTE_MS, TEN_MS = 60_000, 600_000
NOW_MS = to_millis(from_millis(1_768_500_000_000).replace(hour=12, minute=0, second=0, microsecond=0))
START_MS = NOW_MS - 40 * DAY_MS


def temperature(moment_ms):
    """Return a weather that changes all the time, in hundredths."""
    hour = moment_ms / HOUR_MS
    return round(15 + 5 * ((hour % 24) - 12) / 12 * (-1) ** (hour // 24) + hour % 0.7, 2)


def store(station, number=1, changes=None, start_ms=START_MS, end_ms=NOW_MS, shift=0.0):
    """Store a reading every ten minutes, with other values at some moments."""
    every = {at_ms: temperature(at_ms) + shift for at_ms in range(start_ms, end_ms, TEN_MS)} | (changes or {})
    ingest.store(station, [Measurement(number, at_ms, value) for at_ms, value in sorted(every.items())])


def field_of(station, number=1):
    return Field.objects.select_related("station").get(station=station, number=number)


def look(station, now_ms=NOW_MS):
    return rounds.look(field_of(station), now_ms)


def told(station):
    """Return the proposals that wait for a decision."""
    rows = SetAside.objects.filter(station=station, state=State.PROPOSED).order_by("start")
    return [(row.reason, *row.span, row.below, row.above) for row in rows]


def at(hours):
    """Return a moment some hours before now, on one of the readings."""
    return NOW_MS - round(hours * 6) * TEN_MS


def test_an_ordinary_series_has_no_proposals(station):
    store(station)
    assert look(station) == []
    assert told(station) == []


def test_a_spike_is_proposed_and_not_set_aside(station):
    store(station, changes={at(5): 44.0})
    (mark,) = look(station)
    assert told(station) == [("spike", at(5), at(5) + 1, None, None)]
    assert mark.note == "1 reading, 44.0 °C: a step from the readings around that no weather makes so fast, and back."
    assert mark.made_by == "freetemp"
    assert not field_of(station).is_treated
    assert Day.objects.filter(station=station, max=44).exists()
    accept(mark, "ann")
    follow_pending()
    assert not Day.objects.filter(station=station, max=44).exists()


def test_odd_readings_among_right_ones_are_one_proposal_that_leaves_those(station):
    store(station, changes={at(5 + n): 85.0 for n in range(5)})
    look(station)
    ((reason, start_ms, end_ms, below, above),) = told(station)
    assert (reason, start_ms, end_ms, below) == ("power_on", at(9), at(5) + 1, None)
    assert 25 < above < 85


def test_odd_readings_that_no_limit_tells_apart_are_a_handful_of_proposals(station):
    """A sensor in the sun has other values than usual, but not others than any."""
    spikes = {at(1 + 3 * n): temperature(at(1 + 3 * n)) + 15 * (-1) ** n for n in range(8)}
    store(
        station, changes=spikes | {at(12.5): 60.0 + 1 / 3, at(12.7): 59.0, at(12.3): 59.5, at(13): 58.0, at(12): 58.0}
    )
    look(station)
    assert 0 < len(told(station)) <= 8


def test_a_value_for_hours_is_proposed_once_and_grows(station):
    stuck = dict.fromkeys(range(at(20), NOW_MS, TEN_MS), 17.25)
    later = dict.fromkeys(range(NOW_MS, NOW_MS + 3 * HOUR_MS, TEN_MS), 17.25)
    store(station, changes=stuck)
    (mark,) = look(station)
    assert told(station) == [("stuck", at(20), NOW_MS, None, None)]
    assert mark.note == "17.2 °C for 20 h without any change, at most 15 min in the 30 days before."
    store(station, changes=later, start_ms=NOW_MS, end_ms=NOW_MS + 9 * HOUR_MS)
    assert [each.pk for each in look(station, NOW_MS + 9 * HOUR_MS)] == [mark.pk]
    assert told(station) == [("stuck", at(20), NOW_MS + 3 * HOUR_MS, None, None)]
    assert look(station, NOW_MS + 18 * HOUR_MS) == []


def test_hours_at_85_degc_are_proposed_for_one_reason(station):
    store(station, changes=dict.fromkeys(range(at(20), at(10), TEN_MS), 85.0))
    look(station)
    assert told(station) == [("power_on", at(20), at(10) - TEN_MS + 1, None, None)]


@pytest.mark.parametrize("is_undone", [False, True])
def test_what_was_refused_or_undone_does_not_come_back(station, is_undone):
    stuck = dict.fromkeys(range(at(20), at(8), TEN_MS), 17.25)
    store(station, changes=stuck | {at(5): 44.0})
    for mark in look(station):
        if is_undone:
            accept(mark, "ann")
            undo(mark, "ann")
        else:
            refuse(mark, "ann")
    follow_pending()
    store(station, changes={NOW_MS + HOUR_MS: 45.0}, start_ms=NOW_MS, end_ms=NOW_MS + 7 * HOUR_MS)
    look(station, NOW_MS + 7 * HOUR_MS)
    assert told(station) == [("spike", NOW_MS + HOUR_MS, NOW_MS + HOUR_MS + 1, None, None)]
    assert list(rounds.propose(field_of(station), Span(START_MS, NOW_MS))) == []


def test_what_is_set_aside_already_is_not_proposed(station):
    stuck = dict.fromkeys(range(at(20), at(8), TEN_MS), 17.25)
    store(station, changes=stuck | {at(5): 44.0, at(3): 43.0})
    set_aside(station, 1, Span(at(5), at(5) + 1), "spike", "ann")
    set_aside(station, None, Span(at(21), at(7)), "maintenance", "ann")
    follow_pending()
    look(station)
    assert told(station) == [("spike", at(3), at(3) + 1, None, None)]


def test_implausible_readings_are_in_no_mean_and_need_no_proposal(station):
    Field.objects.filter(station=station).update(smallest=-40, largest=50)
    store(station, changes={at(5): -127.0, at(3): 85.0})
    look(station)
    assert told(station) == []


def test_a_calibration_decides_what_is_odd_and_limits_are_those_of_the_board(station):
    odd = {at(5): 40.0, at(4): 90.0, at(3): 91.0}
    store(station, changes=odd)
    add_sensor(station, 1, Span(START_MS, NOW_MS + DAY_MS), "MCP9808", "ann", factor=0.2)
    follow_pending()
    look(station)
    ((reason, start_ms, end_ms, below, above),) = told(station)
    assert (reason, start_ms, end_ms, below) == ("spike", at(4), at(3) + 1, None)
    assert 20 < above < 90


def test_what_no_weather_has_is_proposed_unless_it_is_usual(station):
    odd = dict.fromkeys(range(at(6), at(3), TEN_MS), 64.0)
    store(station, changes=odd)
    look(station)
    ((reason, start_ms, end_ms, _, _),) = told(station)
    assert (reason, start_ms, end_ms) == ("range", at(6), at(3) - TEN_MS + 1)


def test_a_stove_is_always_outside_of_weather(station):
    store(station, shift=60.0)
    look(station)
    assert told(station) == []


def test_a_wet_sensor_is_proposed(station):
    station.fields.create(number=2, name="humidity", unit="%")
    wet = dict.fromkeys(range(at(60), NOW_MS, TEN_MS), 100.0)
    store(station, 2, changes=wet, shift=50.0)
    rounds.look(field_of(station, 2), NOW_MS)
    assert told(station) == [("wet", at(60), NOW_MS, None, None)]


@pytest.fixture
def town():
    """Three stations near each other; the first is four degrees too warm in the last five days."""
    places = [(52.52, 13.40), (52.50, 13.45), (52.55, 13.35)]
    stations = [
        Station.objects.create(name=f"Town {n}", latitude=lat, longitude=lon) for n, (lat, lon) in enumerate(places, 1)
    ]
    begins_ms = NOW_MS - NOW_MS % DAY_MS - 5 * DAY_MS
    for number, each in enumerate(stations):
        warm = {at_ms: temperature(at_ms) + 4 for at_ms in range(begins_ms, NOW_MS, TEN_MS)} if not number else {}
        store(each, changes=warm, shift=number)
    return stations


def test_the_one_of_three_neighbours_that_drifts_is_proposed(town):
    for each in town:
        look(each)
    first_ms = NOW_MS - NOW_MS % DAY_MS - 5 * DAY_MS
    assert told(town[0]) == [("neighbour", first_ms, first_ms + 5 * DAY_MS, None, None)]
    assert SetAside.objects.get(station=town[0]).note == (
        "Means of days are about 4.0 °C higher than usual against Town 2 and Town 3."
    )
    assert told(town[1]) == told(town[2]) == []


@pytest.mark.parametrize(
    ("shared", "whom"), [([], "2 stations nearby"), ([1], "Town 2 and 1 other"), ([1, 2], "Town 2 and Town 3")]
)
def test_keepers_of_a_group_are_told_no_names_of_private_stations_of_others(town, shared, whom):
    Station.objects.update(public=False)
    school = StationGroup.objects.create(name="School")
    school.stations.add(town[0], *(town[number] for number in shared))
    StationGroup.objects.create(name="Others").stations.add(*town[1:])
    look(town[0])
    assert SetAside.objects.get(station=town[0]).note.endswith(f" than usual against {whom}.")


def test_a_drift_that_was_refused_is_usual_from_then_on(town):
    (mark,) = look(town[0])
    refuse(mark, "ann")
    for number, each in enumerate(town):
        store(each, start_ms=NOW_MS, end_ms=NOW_MS + 2 * DAY_MS, shift=number or 4)
    assert look(town[0], NOW_MS + 2 * DAY_MS) == []


def test_each_field_is_looked_at_by_one_process_a_few_times_a_day(station):
    store(station, changes={at(5): 44.0})
    assert [each.pk for each in rounds.due(NOW_MS)] == [field_of(station).pk]
    assert rounds.go_round(NOW_MS, share=1) == 1
    assert rounds.due(NOW_MS + HOUR_MS) == []
    assert rounds.due(NOW_MS + 7 * HOUR_MS) == [], "nothing new has come"
    store(station, start_ms=NOW_MS, end_ms=NOW_MS + 2 * HOUR_MS)
    assert rounds.due(NOW_MS + 7 * HOUR_MS)


def test_the_slower_of_two_processes_proposes_nothing(station, monkeypatch):
    store(station, changes={at(5): 44.0})
    search = rounds._search

    def search_while_another_is_faster(field, span):
        found = search(field, span)
        Checked.objects.filter(field=field).update(until_ms=NOW_MS)
        return found

    monkeypatch.setattr(rounds, "_search", search_while_another_is_faster)
    assert look(station) == []
    assert told(station) == []


def test_simulated_and_deactivated_stations_are_left_out(station):
    store(station)
    Station.objects.update(simulated=True)
    assert rounds.due(NOW_MS) == []
    Station.objects.update(simulated=False, active=False)
    assert rounds.due(NOW_MS) == []


def test_the_command_tells_what_it_proposes_and_what_waits(station):
    moved_ms = now_millis() - now_millis() % TEN_MS - NOW_MS - DAY_MS  # The command knows no other moment than now.
    rows = [Measurement(1, at_ms + moved_ms, temperature(at_ms)) for at_ms in range(at(100), NOW_MS, TEN_MS)]
    rows[300] = rows[300]._replace(value=48.0)
    ingest.store(station, rows)
    said = StringIO()
    call_command("propose_set_aside", "Garden", stdout=said)
    first, last = said.getvalue().splitlines()
    local = f"{from_millis(rows[300].measured_at_ms).astimezone(station.zone):%Y-%m-%d %H:%M}"
    assert first == (
        f"Garden, temperature, {local} to {local}: spike. 1 reading, 48.0 °C: a step from the readings around that no "
        "weather makes so fast, and back."
    )
    assert last == "1 proposal made, 1 proposal to accept or refuse in the admin, under Set aside."
    said = StringIO()
    call_command("propose_set_aside", stdout=said)
    assert said.getvalue() == "0 proposals made, 1 proposal to accept or refuse in the admin, under Set aside.\n"


def test_most_faults_in_a_real_series_are_found_and_hardly_anything_else(station):
    """docs/proposals.md has the rates of a whole year. The series and the faults are always the same ones."""
    real = {key: points[: 24 * 130] for key, points in of_demo().items() if key[0] == "JFK"}
    series, faults = with_faults(real, random.Random(3), 6)
    Station.objects.update(interval_s=3600, timezone="America/New_York")
    station.fields.create(number=2, name="humidity", unit="%")
    station.fields.create(number=3, name="pressure", unit="hPa")
    numbers = {"temperature": 1, "humidity": 2, "pressure": 3}
    rows = [(numbers[quantity], *point) for (_, quantity), points in series.items() for point in points]
    ingest.store(station, [Measurement(*row) for row in rows])
    found, wrong = set(), 0
    for quantity, number in numbers.items():
        points = series["JFK", quantity]
        marks = list(rounds.propose(field_of(station, number), Span(points[0][0], points[-1][0] + 1)))
        own = [fault for fault in faults if fault.quantity == quantity]
        for mark in marks:
            met = [each for each in own if each.start_ms < mark.span.end_ms and mark.span.start_ms < each.end_ms]
            found.update(met)
            wrong += not met
    assert len(faults) > 35
    assert len(found) / len(faults) >= 0.7
    assert {fault for fault in faults if fault.kind in {"power_on", "wet"}} <= found
    assert wrong <= 1
