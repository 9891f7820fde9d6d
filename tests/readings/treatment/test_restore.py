"""Set aside, calibrate, undo: at each step the rollups are right, and in the end as if nothing had ever been done."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import EVER, Span
from readings.ingest.reports import Measurement
from readings.models import Pending, Sensor, SetAside
from readings.models.direction import DirectionDay, DirectionQuarter
from readings.rollups.pending import follow_pending
from readings.rollups.rebuild import rebuild
from readings.treatment import State, accept, add_sensor, finish, refuse, set_aside, undo
from readings.treatment.effects import TreatmentError
from stations.models import Station
from tests.readings.pages.processes import Process, anew
from tests.readings.treatment.right import all_of, assert_all_follows

pytestmark = pytest.mark.django_db

START_MS = to_millis(datetime(2026, 10, 24, 20, tzinfo=UTC))  # The clocks of Berlin are set back in the night.
NOW = from_millis(START_MS) + timedelta(hours=40)
MINUTE_MS = 60_000
SLOTS = 120  # of half an hour, and some seconds

slots = st.integers(0, SLOTS)
values = st.integers(-3_000, 5_000).map(lambda n: n / 64)  # so that sums are exact
readings = st.lists(
    st.tuples(slots, st.integers(0, 1_799_999), st.sampled_from([1, 2]), values), min_size=1, max_size=12
)
spans = st.tuples(slots, slots | st.none()).filter(lambda each: each[1] is None or each[0] < each[1])
fields = st.sampled_from([1, 2, None])
limits = st.none() | values
states = st.sampled_from([State.ACTIVE, State.ACTIVE, State.PROPOSED])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("store"), readings),
        st.tuples(st.just("set aside"), spans, fields, limits, limits, states),
        st.tuples(st.just("sensor"), spans, st.sampled_from([1, 2]), st.sampled_from([1.0, 2.0, -0.5]), values, states),
        st.tuples(st.sampled_from(["undo", "accept", "refuse", "finish"]), st.integers(0, 9), slots),
    ),
    min_size=1,
    max_size=8,
)


def span_of(asked):
    start, end = asked
    return Span(START_MS + start * 1_800_000, EVER.end_ms if end is None else START_MS + end * 1_800_000)


def store(station, rows):
    ingest.store(
        station, [Measurement(number, START_MS + slot * 1_800_000 + ms, value) for slot, ms, number, value in rows]
    )


def do(station, what, *asked):
    """Take a step; what cannot be done is refused with a sentence, and changes nothing."""
    if what == "store":
        store(station, *asked)
    elif what == "set aside":
        span, number, below, above, state = asked
        set_aside(station, number, span_of(span), "spike", "anna", below=below, above=above, state=state)
    elif what == "sensor":
        span, number, factor, offset, state = asked
        add_sensor(station, number, span_of(span), "BME280", "anna", factor=factor, offset=offset, state=state)
    else:
        every = [*SetAside.objects.filter(station=station), *Sensor.objects.filter(station=station)]
        row, slot = every[asked[0] % len(every)] if every else None, asked[1]
        if row and what == "finish":
            finish(row, from_millis(START_MS + slot * 1_800_000))
        elif row:
            {"undo": undo, "accept": accept, "refuse": refuse}[what](row, "ben")


def new_station(name):
    station = Station.objects.create(name=name, timezone="Europe/Berlin")
    station.fields.update(smallest=-30, largest=60)
    station.fields.create(number=2, name="humidity", unit="%")
    return station


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=readings, steps=steps)
def test_each_step_is_followed_exactly_and_undone_to_the_last_bit(db, first, steps):
    for station in Station.objects.all():  # of the example before
        list(ingest.delete_station(station))
    touched, untouched, process = new_station("Garden"), new_station("Untouched"), Process()
    for station in (touched, untouched):
        store(station, first)
    for what, *asked in steps:
        with suppress(TreatmentError):
            do(touched, what, *asked)
        if what == "store":
            do(untouched, what, *asked)
        assert process.shows(NOW) == anew(NOW)
        follow_pending()
        assert_all_follows(touched)
        assert process.shows(NOW) == anew(NOW)
    for row in (*SetAside.objects.filter(state="active"), *Sensor.objects.filter(state="active").order_by("-pk")):
        undo(row, "ben")
    follow_pending()
    assert all_of(touched) == all_of(untouched)
    assert not Pending.objects.exists()


KINDS = [(3, "rain_counter", "mm"), (4, "wind_direction", "deg"), (5, "wind_speed", "m/s"), (6, "rain_amount", "mm")]
rows_of_kinds = st.lists(
    st.tuples(slots, st.integers(0, 1_799_999), st.sampled_from([3, 4, 5, 6]), st.integers(0, 90).map(float)),
    min_size=2,
    max_size=14,
)
steps_of_kinds = st.lists(
    st.one_of(
        st.tuples(st.just("store"), rows_of_kinds),
        st.tuples(st.just("set aside"), spans, st.sampled_from([3, 4, 5, None]), st.none(), limits, states),
        st.tuples(st.just("sensor"), spans, st.sampled_from([3, 4, 5]), st.sampled_from([1.0, 2.0]), values, states),
        st.tuples(st.sampled_from(["undo", "accept", "finish"]), st.integers(0, 9), slots),
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=rows_of_kinds, steps=steps_of_kinds)
def test_counters_directions_and_amounts_follow_too_and_are_undone(db, first, steps):
    """A counter's next reading counts from another one then, and a direction's days follow the wind speed."""
    for station in Station.objects.all():  # of the example before
        list(ingest.delete_station(station))
    touched, untouched = new_station("Garden"), new_station("Untouched")
    for station in (touched, untouched):
        for number, quantity, unit in KINDS:
            station.fields.create(number=number, name=quantity, quantity=quantity, unit=unit)
        store(station, first)
    for what, *asked in steps:
        with suppress(TreatmentError):
            do(touched, what, *asked)
        if what == "store":
            do(untouched, what, *asked)
        follow_pending()
        assert rebuild(touched, mend=False) == []
    for row in (*SetAside.objects.filter(state="active"), *Sensor.objects.filter(state="active").order_by("-pk")):
        undo(row, "ben")
    follow_pending()
    assert vectors_of(touched) == pytest.approx(vectors_of(untouched))
    assert all_of(touched) == all_of(untouched)


def vectors_of(station):
    """Return the sums of a station's directions, by quarters and by days."""
    return [
        value
        for rollup in (DirectionQuarter, DirectionDay)
        for row in rollup.objects.filter(station=station).order_by("field", "start").values()
        for name, value in row.items()
        if name != "station_id" and isinstance(value, int | float)
    ]


def test_new_readings_of_what_is_treated(station):
    add_sensor(station, 1, Span(START_MS, EVER.end_ms), "BME280", "anna", factor=2.0, offset=1.0)
    set_aside(station, 1, Span(START_MS + 10, START_MS + 20), "spike", "anna")
    station.fields.create(number=2, name="humidity", unit="%")
    rows = [Measurement(number, START_MS + n, float(n)) for n in (-1, 5, 15, 10) for number in (1, 2)]
    ingest.store(station, rows)
    assert_all_follows(station)
