"""Rows before a field's newest reading are read once, and again as soon as any other reading of the field changes."""

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.history.kept_rows import MOST_NUMBERS, Rows, kept_rows
from readings.ingest.reports import Measurement
from readings.models import Reading

pytestmark = pytest.mark.django_db

START_MS = 1_780_000_000_000
HOUR = Span(START_MS, START_MS + 3_600_000)
STEP_MS = 300_000


@pytest.fixture
def garden(station):
    kept_rows.clear()
    store(station, 20)
    return station


def store(station, minute, value=20.0):
    ingest.store(station, [Measurement(1, START_MS + minute * 60_000, value)])


def read(station, span=HOUR):
    """Return a field's buckets of five minutes, the minute from which on they were read, and those without any kept."""
    field = station.fields.get()
    rows = Rows(field, span, 4, STEP_MS)

    def buckets(part):
        return Reading.objects.buckets(field, part, STEP_MS, -START_MS % STEP_MS)

    shifted = [(at - -START_MS % STEP_MS, *rest) for at, *rest in buckets(rows.left)]
    anew = [(at - -START_MS % STEP_MS, *rest) for at, *rest in buckets(span)]
    return rows.with_read(shifted), (rows.left.start_ms - START_MS) // 60_000, anew


def test_only_what_a_newest_reading_changes_is_read_again(garden):
    begins = []
    for minute in (21, 24, 26, 41, 41, 59):
        store(garden, minute, float(minute))
        rows, since, anew = read(garden)
        assert rows == anew
        begins.append(since)
    assert begins == [0, 20, 20, 25, 40, 40]


def test_a_late_reading_a_correction_and_other_limits_are_seen(garden):
    store(garden, 40)
    read(garden)
    for change in (
        lambda: store(garden, 22, 50.0),
        lambda: ingest.correct(garden, 1, from_millis(START_MS + 22 * 60_000), 10.0),
        lambda: ingest.remove(garden, 1, from_millis(START_MS), from_millis(START_MS + 23 * 60_000)),
        lambda: garden.fields.update(largest=15.0),
    ):
        change()
        rows, since, anew = read(garden)
        assert (rows, since) == (anew, 0)


def test_a_span_that_ends_before_the_newest_reading_is_read_once_and_has_no_later_row(garden):
    store(garden, 40)
    field = garden.fields.get()
    read(garden)
    store(garden, 50)
    early = Span(HOUR.start_ms, START_MS + 45 * 60_000)
    rows = Rows(field, early, 4, STEP_MS)  # A visit that began before the reading came.
    read(garden)
    assert [(at - START_MS) // 60_000 for at, *_ in rows.with_read([(START_MS + 40 * 60_000, 20.0, 20.0, 20.0)])] == [
        20,
        40,
    ]
    right = read(garden)[2][:2]
    for since in (0, 45, 45):
        assert read(garden, early) == (right, since, right)
        store(garden, 51 + since, 30.0)  # Later ones change nothing.


def test_a_span_that_is_over_is_read_again_after_a_late_reading_or_a_correction(garden):
    store(garden, 70)
    for change in (
        lambda: store(garden, 22, 50.0),
        lambda: ingest.correct(garden, 1, from_millis(START_MS + 22 * 60_000), 10.0),
        lambda: ingest.remove(garden, 1, from_millis(START_MS), from_millis(START_MS + 21 * 60_000)),
        lambda: garden.fields.update(largest=15.0),
    ):
        assert [read(garden)[1] for _ in range(2)][1] == 60
        change()
        rows, since, anew = read(garden)
        assert (rows, since) == (anew, 0)


def test_many_rows_are_not_kept(garden):
    field = garden.fields.get()
    for count, kept in ((MOST_NUMBERS, True), (MOST_NUMBERS + 1, False)):
        kept_rows.clear()
        Rows(field, HOUR, 1, "moments").with_read([(START_MS + n,) for n in range(count)])
        assert (Rows(field, HOUR, 1, "moments").left != HOUR) is kept
    assert to_millis(field.newest_at) < HOUR.end_ms
