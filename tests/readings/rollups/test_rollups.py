"""Rollups match their readings after any change: on either database, in odd zones, over DST changes.

More examples than the few of every run: HYPOTHESIS_EXAMPLES=500 python -m pytest tests/readings/rollups/test_rollups.py
"""

import base64
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.days import day_start_ms, day_starts_ms
from readings.calendar.span import Span
from readings.ingest.reports import Measurement
from readings.models import Reading
from readings.rollups.rebuild import rebuild
from stations.models import Key, Station
from tests.readings.rollups.counted import assert_rollups_equal_the_readings, midnight_of, quarter_of

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "25"))

# Each zone with a day on which its clocks change, or its calendar leaps.
ZONES = {
    "Asia/Kathmandu": datetime(2026, 3, 1, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 10, 25, tzinfo=UTC),
    "America/New_York": datetime(2026, 3, 8, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, tzinfo=UTC),
    "Pacific/Chatham": datetime(2026, 9, 26, tzinfo=UTC),
    "America/St_Johns": datetime(2010, 11, 7, tzinfo=UTC),
    "America/Sao_Paulo": datetime(2018, 11, 4, tzinfo=UTC),
    "America/Havana": datetime(2026, 11, 1, tzinfo=UTC),
    "Antarctica/Casey": datetime(2010, 3, 4, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 30, tzinfo=UTC),
}
LIMITS = (-40.0, 60.0)
QUANTITIES = ["rain_amount", "rain_counter", "wind_direction", "wind_speed", "other"]

# Offsets from the midnight before the clocks change: mostly the first and last moments of quarters around midnights.
offsets_ms = st.builds(
    lambda day, quarter, within: day * 86_400_000 + quarter * 900_000 + within,
    st.integers(-1, 2),
    st.one_of(st.integers(-6, 6), st.integers(0, 95)),
    st.one_of(st.sampled_from([0, 899_999]), st.integers(0, 899_999)),
)
values = st.one_of(st.sampled_from([-40.0, 60.0, -40.1, 60.1, 85.0, 0.0]), st.floats(-100, 100, width=32))
levels = st.tuples(st.sampled_from([1, 2]), offsets_ms, values)
# A counter that rises, rolls over at 100, begins again, or is another one; rain; and wind.
tenths = st.integers(0, 1000).map(lambda n: n / 10)
totals_mm = st.one_of(st.sampled_from([0.0, 0.2, 99.9, 100.0, 5000.0, -1.0]), tenths)
rain = st.tuples(st.sampled_from([3, 4]), offsets_ms, totals_mm)
directions_deg = st.one_of(st.sampled_from([0.0, 350.0, 360.0, 180.0, 361.0]), st.floats(0, 360))
wind = st.one_of(
    st.tuples(st.just(5), offsets_ms, directions_deg),
    st.tuples(st.just(6), offsets_ms, st.one_of(st.just(0.0), st.floats(0, 60, width=32))),
)
rows = st.one_of(*(st.lists(each, min_size=1, max_size=12) for each in (levels, rain, wind)))
steps = st.one_of(
    st.tuples(st.just("store"), rows),
    st.tuples(st.just("report"), rows),
    st.tuples(st.just("again"), st.just(None)),
    st.tuples(st.just("correct"), st.tuples(st.integers(0, 50), values)),
    st.tuples(st.just("remove"), st.tuples(st.integers(1, 6), offsets_ms, st.integers(0, 2 * 86_400_000))),
    st.tuples(st.just("quantity"), st.sampled_from(QUANTITIES)),
    st.tuples(st.just("rolls_over"), st.sampled_from([None, 100.0])),
    st.tuples(st.just("limits"), st.sampled_from([(None, None), LIMITS, (0.0, None), (None, 59.5)])),
    st.tuples(st.just("zone"), st.sampled_from(sorted(ZONES))),
)


class Life:
    """A station, and the events that may happen to its readings."""

    def __init__(self, zone):
        self.around_ms = to_millis(midnight_of(ZONES[zone], ZoneInfo(zone)))
        self.station = Station.objects.create(
            name="Somewhere", mac="6c:ef:7f:3b:9d:e8", timezone=zone, interval_s=86_400
        )
        self.station.fields.update(smallest=LIMITS[0], largest=LIMITS[1])
        self.station.fields.create(number=2, name="humidity", unit="%")
        self.station.fields.create(number=3, name="rain", unit="mm", smallest=0)
        self.station.fields.create(number=4, name="rain today", unit="mm", smallest=0, rolls_over_at=100)
        self.station.fields.create(number=5, name="wind direction", unit="deg", smallest=0, largest=360)
        self.station.fields.create(number=6, name="wind", unit="m/s", smallest=0)
        self.last = []
        key = Key.objects.issue(self.station)
        self.authorization = "Basic " + base64.b64encode(f"6cef7f3b9de8:{key}".encode()).decode()

    def store(self, rows):
        self.last = self.measured(rows)
        ingest.store(self.station, self.last)

    def report(self, rows):
        self.last = self.measured(rows)
        readings = [{"field": each.field, "at": each.measured_at_ms / 1000, "value": each.value} for each in self.last]
        answer = Client().post(
            "/api/v1/readings/",
            json.dumps({"readings": readings}),
            content_type="application/json",
            headers={"Authorization": self.authorization},
        )
        assert answer.status_code == 200, answer.content
        assert {each["code"] for each in answer.json()["rejected"]} <= {"value"}

    def measured(self, rows):
        return [Measurement(number, self.around_ms + offset, value) for number, offset, value in rows]

    def again(self, _):
        ingest.store(self.station, [row._replace(value=row.value + 1) for row in self.last])

    def correct(self, change):
        index, value = change
        readings = list(Reading.objects.filter(station=self.station).order_by("pk"))
        if readings:
            each = readings[index % len(readings)]
            assert ingest.correct(self.station, each.field, each.measured_at, value)

    def remove(self, span):
        number, offset, length = span
        start = from_millis(self.around_ms + offset)
        ingest.remove(self.station, number, start, start + timedelta(milliseconds=length))

    def limits(self, limits):
        field = self.station.fields.get(number=1)
        field.smallest, field.largest = limits
        field.save()

    def quantity(self, quantity):
        field = self.station.fields.get(number=4)
        field.quantity = quantity
        field.save()

    def rolls_over(self, value):
        field = self.station.fields.get(number=4)
        field.rolls_over_at = value
        field.save()

    def zone(self, zone):
        self.station.timezone = zone
        self.station.save(update_fields=["timezone"])

    def assert_true(self):
        assert_rollups_equal_the_readings(self.station)
        assert rebuild(self.station, mend=False) == []
        for field in self.station.fields.all():
            newest = Reading.objects.filter(station=self.station, field=field.number).order_by("-measured_at").first()
            stored = (field.newest_at, field.newest_value)
            assert stored == ((newest.measured_at, newest.value) if newest else (None, None))


@pytest.mark.django_db
@settings(
    max_examples=EXAMPLES,
    derandomize="HYPOTHESIS_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(zone=st.sampled_from(sorted(ZONES)), history=st.lists(steps, min_size=1, max_size=8))
def test_rollups_equal_the_readings_whatever_happens_to_them(zone, history):
    with transaction.atomic():
        life = Life(zone)
        for name, argument in history:
            getattr(life, name)(argument)
            life.assert_true()
        transaction.set_rollback(True)


@pytest.mark.parametrize("zone", sorted(ZONES))
def test_days_follow_one_another_without_a_gap_in_every_zone(zone):
    info, around_ms = ZoneInfo(zone), to_millis(ZONES[zone])
    span = Span(around_ms - 5 * 86_400_000, around_ms + 5 * 86_400_000)
    starts = [
        to_millis(midnight_of(quarter_of(from_millis(at)), info)) for at in range(span.start_ms, span.end_ms, 900_000)
    ]
    assert [day_start_ms(info, at) for at in range(span.start_ms, span.end_ms, 900_000)] == starts
    assert list(day_starts_ms(info, span))[:-1] == sorted(set(starts))


def test_a_day_that_began_goes_on_where_clocks_are_set_back_over_midnight():
    """At one minute past midnight, the clocks went back to one minute past eleven."""
    zone = ZoneInfo("America/St_Johns")
    midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    for minutes in (0, 15, 60, 120):
        assert day_start_ms(zone, to_millis(midnight + timedelta(minutes=minutes))) == to_millis(midnight)


@pytest.mark.django_db(transaction=True)
def test_reports_of_many_threads_at_once_are_all_in_the_rollups(station):
    """Each thread stores and corrects by itself, and all add to the same quarter.

    A database's lock is not fair, and on a busy machine a thread may wait longer than a board would: it keeps waiting.
    """
    start_ms = to_millis(datetime(2026, 6, 1, tzinfo=UTC))

    def work(thread):
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "PRAGMA busy_timeout = 600000" if connection.vendor == "sqlite" else "SET lock_timeout = 0"
                )
            for n in range(10):
                ingest.store(station, [Measurement(1, start_ms + n * 1000 + thread, n + thread / 10)])
                ingest.correct(station, 1, from_millis(start_ms + n * 1000 + thread), n - thread)
            rebuild(station)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert Reading.objects.count() == 40
    assert_rollups_equal_the_readings(station)
