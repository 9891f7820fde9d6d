"""The coverage of a station's readings: how many were expected, how many are there, and the longest gap.

docs/figures.md defines the expected readings and gaps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from math import floor
from operator import itemgetter
from typing import NamedTuple

from freetemp.fields import from_millis, to_millis
from freetemp.sql import execute, execute_values, placeholders
from readings.calendar.days import LONGEST_DAY_MS
from readings.calendar.span import EVER, QUARTER_MS, Span
from readings.history.gaps import Longest, Looked, longest_among, longest_in_quarters
from readings.history.kept_rows import Rows
from readings.history.totals import SHORT_MS
from readings.history.usual_interval import A_HAIR, NEAR, Days, usual
from readings.models import Quarter, Reading
from readings.models.counted import hull
from readings.models.summary import limits_of
from stations.models import Field, Station
from stations.models.status import LATE_AFTER

# The whole days on either side of the requested span that are examined too: they show the usual interval.
BESIDE_MS = (NEAR + 4) * LONGEST_DAY_MS


class Gap(NamedTuple):
    """From a reading, or the start of the examined span, to the next reading, or to the span's end."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class Coverage:
    """The number of expected readings of a field, at least one, and the number of these that are there.

    Readings were expected from `since` on; `begins` tells that the field's first reading was then. `gap` is the longest
    gap, if there was any. `is_certain` is False if so many readings are missing here and there that not every day could
    be examined: there may be a longer gap.
    """

    since: datetime
    expected: int
    received: int
    gap: Gap | None
    is_certain: bool
    begins: bool = False

    @property
    def percent(self) -> float:
        """Return the percentage to a tenth, rounded down: 100 means that all readings are there."""
        return floor(1000 * self.received / self.expected) / 10


def measure_coverage(
    station: Station, fields: Sequence[Field], start: datetime, end: datetime, now: datetime
) -> dict[int, Coverage]:
    """Return the coverage between two moments, by field number, of each field that expected a reading.

    No reading is expected before a field's first one, or after its newest until the next one is late, or while a
    station is switched off. Years take some milliseconds: six queries, and one more if a field was slow once.
    """
    asked = Span(to_millis(start), min(to_millis(end), to_millis(now) + 1))
    newest = {field: to_millis(field.newest_at) + 1 for field in fields if field.newest_at}
    if not newest or asked.start_ms >= asked.end_ms:
        return {}
    is_exact = asked.end_ms - asked.start_ms <= SHORT_MS and asked.start_ms >= station.raw_since_ms
    if not is_exact:
        asked = Span(asked.whole_quarters().start_ms, min(asked.whole_quarters().end_ms, to_millis(now) + 1))
    firsts, days = _firsts_ms(list(newest)), _days(list(newest), asked)
    every = [
        looked
        for field in newest
        if field.number in firsts
        and (
            looked := _looked(field, days.get(field.number, []), Span(firsts[field.number], newest[field]), asked, now)
        )
    ]
    counted, gaps = (_by_readings if is_exact else _by_rollups)(every)
    found = {looked.field.number: _measure_coverage(looked, gaps[looked.field.number]) for looked in counted}
    return {number: replace(each, begins=firsts[number] >= asked.start_ms) for number, each in found.items() if each}


Gaps = Mapping[int, Longest]


def _looked(field: Field, rows: Sequence[tuple[int, int]], known: Span, asked: Span, now: datetime) -> Looked | None:
    """Return a field's days within the requested span, from its first reading to its newest, or to now if it is late.

    `known` runs from the first reading up to and including the newest.
    """
    station, interval_ms = field.station, field.station.interval_s * 1000.0
    every = usual(field, rows, station.zone, known, interval_ms) if rows else Days([], [], [], [])
    is_late = to_millis(now) - known.end_ms > LATE_AFTER * (every.intervals[-1] if rows else interval_ms)
    until_ms = to_millis(now) if is_late and station.active else known.end_ms
    span = Span(max(asked.start_ms, known.start_ms), min(asked.end_ms, until_ms))
    if span.start_ms >= span.end_ms:
        return None
    days = every.part(bisect_right(every.ends, span.start_ms), bisect_left(every.starts, span.end_ms))
    if not days.starts:
        return Looked(field, span, days)
    # A part that begins with the first reading, or ends with the newest, has all the readings of its day.
    first, last = days.starts[0] < span.start_ms, span.end_ms < days.ends[-1] and span.end_ms != until_ms
    starts = [max(days.starts[0], span.start_ms), *days.starts[1:]]
    ends = [*days.ends[:-1], min(days.ends[-1], span.end_ms)]
    cut = {0} if first else set()
    return Looked(
        field, span, replace(days, starts=starts, ends=ends), frozenset(cut | ({len(ends) - 1} if last else set()))
    )


def _measure_coverage(looked: Looked, longest: Longest) -> Coverage | None:
    days, span = looked.days, looked.span
    interval_ms = looked.field.station.interval_s * 1000.0
    inner = Span(days.starts[0], days.ends[-1]) if days.starts else Span(span.end_ms, span.end_ms)
    before_ms, after_ms = inner.start_ms - span.start_ms, span.end_ms - inner.end_ms
    outside = before_ms / (days.intervals or [interval_ms])[0] + after_ms / (days.intervals or [interval_ms])[-1]
    whole = floor(outside + days.expected + A_HAIR)
    gap = longest.gap and Gap(from_millis(longest.gap.start_ms), from_millis(longest.gap.end_ms))
    if whole == 0:
        return None
    return Coverage(from_millis(span.start_ms), whole, min(whole, days.received), gap, longest.is_certain)


def _by_readings(every: Sequence[Looked]) -> tuple[list[Looked], Gaps]:
    """Count readings and look for gaps in the raw readings."""
    moments = _moments(every)
    counted = [_counted(looked, moments[looked.field.number]) for looked in every]
    return counted, {each.field.number: longest_among(each, moments[each.field.number]) for each in counted}


def _counted(looked: Looked, moments: Sequence[int]) -> Looked:
    edges = zip(looked.days.starts, looked.days.ends, strict=True)
    counts = [bisect_left(moments, end) - bisect_left(moments, start) for start, end in edges]
    return replace(looked, days=replace(looked.days, counts=counts), cut=frozenset())


def _by_rollups(every: Sequence[Looked]) -> tuple[list[Looked], Gaps]:
    """Count readings by days, and cut days by their quarters. Look for gaps in the quarters."""
    parts = {
        (looked.field.number, index): Span(looked.days.starts[index], looked.days.ends[index]).whole_quarters()
        for looked in every
        for index in looked.cut
    }
    spans = sorted(set(parts.values()))
    totals = Quarter.objects.totals([looked.field for looked in every], list(enumerate(spans)))
    gaps = longest_in_quarters(every)
    counts = {key: total.n if (total := totals.get((key[0], spans.index(span)))) else 0 for key, span in parts.items()}
    return [_with_cut(looked, counts) for looked in every], gaps


def _with_cut(looked: Looked, counts: Mapping[tuple[int, int], int]) -> Looked:
    every = [counts.get((looked.field.number, index), n) for index, n in enumerate(looked.days.counts)]
    return replace(looked, days=replace(looked.days, counts=every)) if looked.cut else looked


def _firsts_ms(fields: Sequence[Field]) -> dict[int, int]:
    """Return the first moment of each field that has readings, or its quarter's start if that reading is gone."""
    rows = [(field.station_id, field.number, *limits_of(field)) for field in fields]
    counted = Reading.objects.all().table(fields, EVER)
    statement = (
        "WITH wanted (station, field, smallest, largest) AS (VALUES {places}), found AS MATERIALIZED ("  # noqa: S608 - our names
        " SELECT wanted.*, (SELECT min(start) FROM readings_quarter AS t"
        " WHERE t.station_id = wanted.station AND t.field = wanted.field) AS quarter FROM wanted)"
        f" SELECT field, quarter, (SELECT min(measured_at) FROM {counted} AS t WHERE t.station_id = found.station"
        f" AND t.field = found.field AND measured_at >= quarter AND measured_at < quarter + {QUARTER_MS}"
        " AND value >= smallest AND value <= largest) FROM found"
    )
    returned = execute_values(statement, rows).returned
    return {
        number: quarter_ms if first_ms is None else first_ms
        for number, quarter_ms, first_ms in returned
        if quarter_ms is not None
    }


def _days(fields: Sequence[Field], asked: Span) -> dict[int, list[tuple[int, int]]]:
    """Return (start, count) of each field's days with plausible readings, in the requested span and beside it."""
    statement = (
        "SELECT field, start, count FROM readings_day"  # noqa: S608 - our names
        f" WHERE station_id = %s AND field IN ({placeholders(len(fields))}) AND start >= %s AND start < %s"
        " ORDER BY field, start"
    )
    numbers = [field.number for field in fields]
    span = (asked.start_ms - BESIDE_MS, asked.end_ms + BESIDE_MS)
    rows = execute(statement, [fields[0].station_id, *numbers, *span]).returned
    return {
        number: [(start_ms, n) for _, start_ms, n in of_field] for number, of_field in groupby(rows, key=itemgetter(0))
    }


def _moments(every: Sequence[Looked]) -> dict[int, list[int]]:
    """Return the moments of all plausible readings of each field within its span, in order."""
    counted = Reading.objects.all().table([each.field for each in every], hull(each.span for each in every))
    one = (
        f"SELECT field, measured_at FROM {counted} AS t WHERE station_id = %s AND field = %s"  # noqa: S608 - our names
        " AND measured_at >= %s AND measured_at < %s AND value >= %s AND value <= %s"
    )
    found: dict[int, list[tuple[int]]] = {looked.field.number: [] for looked in every}
    rows = {looked.field: Rows(looked.field, looked.span, 1, "moments") for looked in every}
    parameters = [
        each
        for field, wanted in rows.items()
        for each in (field.station_id, field.number, *wanted.left, *limits_of(field))
    ]
    if every:
        for number, at_ms in execute(" UNION ALL ".join([one] * len(every)), parameters).returned:
            found[number].append((at_ms,))
    return {field.number: [at for (at,) in each.with_read(sorted(found[field.number]))] for field, each in rows.items()}
