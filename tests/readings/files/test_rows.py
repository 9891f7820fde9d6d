"""Readings as rows: read in pieces, merged, and dated in local time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.local_time import by_hour, local_texts
from readings.calendar.periods import Period
from readings.files import rows
from readings.ingest.reports import Measurement
from readings.models import Reading
from tests.fuzz.examples import examples

START = datetime(2026, 10, 25, tzinfo=UTC)
START_MS = to_millis(START)
ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Africa/Monrovia"]

moments = st.integers(to_millis(datetime(1970, 1, 1, tzinfo=UTC)), to_millis(datetime(2199, 12, 31, tzinfo=UTC)))
# Around changes of the clocks, including one at a minute past the hour, and one by 44.5 minutes.
changes = st.sampled_from([START_MS + 3_600_000, 64_457_070_000, 1_143_948_660_000, 1_775_314_800_000])
near = st.builds(int.__add__, changes, st.integers(-7_200_000, 7_200_000))


@examples(100)
@given(st.lists(moments | near, max_size=50).map(sorted), st.sampled_from(ZONES))
def test_moments_are_written_as_isoformat_writes_them(moments_ms, name):
    zone = ZoneInfo(name)
    local = [from_millis(each).astimezone(zone) for each in moments_ms]
    assert local_texts(moments_ms, zone) == [each.isoformat(timespec="milliseconds") for each in local]
    offsets = [hour.offset_ms for hour, own in by_hour(moments_ms, zone) for _ in own]
    assert offsets == [each.utcoffset() / timedelta(milliseconds=1) for each in local]


@pytest.mark.django_db
@examples(30)
@given(
    st.dictionaries(st.tuples(st.integers(1, 3), st.integers(0, 400)), st.floats(-50, 50), max_size=250),
    st.integers(0, 200),
    st.integers(0, 200),
    st.integers(1, 40),
)
def test_pieces_hold_each_reading_of_the_period_once_in_order(station, monkeypatch, readings, first, length, most):
    monkeypatch.setattr(rows, "READINGS_A_PIECE", most)
    monkeypatch.setattr(rows, "FEWEST_A_FIELD", 1)
    station.fields.exclude(number=1).delete()
    Reading.objects.filter(station=station).delete()
    fields = [station.fields.get(number=1), *(station.fields.create(number=n, name=f"field {n}") for n in (2, 3))]
    ingest.store(station, [Measurement(n, START_MS + ms, value) for (n, ms), value in readings.items()])
    start, end = (START + timedelta(milliseconds=ms) for ms in (first, first + length + 1))
    found = [
        (number, ms - START_MS, piece.columns[number - 1][ms])
        for piece in rows.pieces(fields, Period("range", start, end, ZoneInfo("UTC")))
        for ms in piece.moments_ms
        for number in (1, 2, 3)
        if ms in piece.columns[number - 1]
    ]
    expected = [(n, ms, value) for (n, ms), value in readings.items() if first <= ms <= first + length]
    assert found == sorted(expected, key=lambda each: (each[1], each[0]))
