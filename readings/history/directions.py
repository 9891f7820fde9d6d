"""Wind directions: their means by vectors, for a chart and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import ClassVar, NamedTuple

from freetemp.fields import to_millis
from freetemp.sql import execute, execute_values
from readings.calendar.days import day_of
from readings.calendar.span import DAY_MS, QUARTER_MS, Span
from readings.history.series import HOUR, bucket_width_ms, days_of, equal_span, offset_ms, with_gaps
from readings.models import DirectionDay, Reading
from readings.models.direction import WEIGHTED, WeightedVectors, with_speed
from stations.models import Field


@dataclass
class DirectionSeries:
    """Columns of equal length. `time` is in Unix seconds; a gap or a calm is a time with None as its values.

    `mean` is in degrees from north, where the wind comes from. `steadiness` is 1 for a direction that was always the
    same, and 0 for one from all sides; it is None where readings are raw. `step_s` is as in Series.
    """

    kind: ClassVar[str] = "direction"
    step_s: int | None
    time: list[float]
    mean: list[float | None]
    steadiness: list[float | None]


class Wind(NamedTuple):
    """The mean direction of a span in degrees, and its steadiness from 0 to 1; both None in a calm."""

    mean: float | None
    steadiness: float | None

    @classmethod
    def of(cls, vectors: WeightedVectors) -> Wind:
        return cls(*(vectors.mean or (None, None)))


def directions(of: Field, start: datetime, end: datetime, points: int) -> DirectionSeries:
    """Return at most `points` plausible readings or mean directions of buckets, and None in gaps and calms.

    Buckets are a quarter of an hour or wider.
    """
    interval_ms, span = of.station.interval_s * 1000, Span(to_millis(start), to_millis(end))
    if span.start_ms >= of.station.raw_since_ms and not Reading.objects.has_more_than(points, of, span):
        raw = [(at, value, None, None) for at, value, *_ in Reading.objects.points(of, span)]
        return _series(with_gaps(raw, None, interval_ms), None)
    step_ms = max(bucket_width_ms(start, end, points), QUARTER_MS)
    rows = _by_days(of, span, step_ms) if step_ms >= DAY_MS else _by_quarters(of, span, step_ms)
    known = [(at, *(vectors.mean or (None, None)), None) for at, vectors in rows]
    return _series(with_gaps(known, step_ms, interval_ms), step_ms // 1000)


def _series(columns: Sequence[list], step_s: int | None) -> DirectionSeries:  # type: ignore[type-arg]
    time, mean, steadiness, _ = columns
    return DirectionSeries(step_s, [at / 1000 for at in time], mean, steadiness)


def _by_quarters(of: Field, asked: Span, step_ms: int) -> list[tuple[int, WeightedVectors]]:
    shift_ms = offset_ms(of.station.zone, asked.end_ms) % HOUR
    span = equal_span(asked, step_ms, shift_ms)
    rows = execute(
        f"SELECT (d.start + %s) / %s * %s, {WEIGHTED} FROM {with_speed(of.station_id)}"  # noqa: S608 - our names
        " WHERE d.station_id = %s AND d.field = %s AND d.start >= %s AND d.start < %s GROUP BY 1 ORDER BY 1",
        [shift_ms, step_ms, step_ms, of.station_id, of.number, *span],
    ).returned
    return [(at - shift_ms, WeightedVectors(*vectors)) for at, *vectors in rows]


def _by_days(of: Field, asked: Span, step_ms: int) -> list[tuple[int, WeightedVectors]]:
    span, begins_ms = days_of(of.station.zone, asked, step_ms // DAY_MS)
    buckets: dict[int, WeightedVectors] = {}
    for (_, _, start_ms), vectors in sorted(DirectionDay.objects.by_start(of.station_id, of.number, span).items()):
        at = begins_ms(start_ms)
        buckets[at] = buckets[at].plus(vectors) if at in buckets else vectors
    return list(buckets.items())


def winds(fields: Sequence[Field], edges: Sequence[datetime]) -> dict[tuple[int, int], Wind]:
    """Return the winds of one station's directions by (field's number, index of the part between the edges)."""
    return {
        (field.number, part): Wind.of(vectors) for field in fields for part, vectors in vectors_of(field, edges).items()
    }


def vectors_of(of: Field, edges: Sequence[datetime]) -> Mapping[int, WeightedVectors]:
    """Return the vectors by the index of the part: whole days from their rollups, the rest from quarters.

    Parts are widened to whole quarters of an hour.
    """
    zone, quarters, days = of.station.zone, list[tuple[int, int, int]](), list[tuple[int, int, int]]()
    for part, (start_ms, end_ms) in enumerate(pairwise(map(to_millis, edges))):
        span = Span(start_ms, end_ms).whole_quarters()
        if span.end_ms - span.start_ms <= DAY_MS:
            quarters.append((part, *span))
            continue
        first = day_of(zone, span.start_ms)
        first_ms = first.start_ms if first.start_ms == span.start_ms else first.end_ms
        last_ms = max(first_ms, day_of(zone, span.end_ms).start_ms)
        days.append((part, first_ms, last_ms))
        quarters += [(part, *each) for each in ((span.start_ms, first_ms), (last_ms, span.end_ms)) if each[0] < each[1]]
    names = ", ".join(f'sum("{name}")' for name in DirectionDay.objects.all().columns)
    of_days = f"SELECT part, {names} FROM wanted CROSS JOIN readings_directionday AS d"  # noqa: S608 - our names
    of_quarters = f"SELECT part, {WEIGHTED} FROM wanted CROSS JOIN {with_speed(of.station_id)}"  # noqa: S608 - our names
    together: dict[int, WeightedVectors] = {}
    for select, spans in ((of_days, days), (of_quarters, quarters)):
        statement = (
            f"WITH wanted (part, first, after) AS (VALUES {{places}}) {select} WHERE d.station_id = {of.station_id:d}"
            f" AND d.field = {of.number:d} AND d.start >= wanted.first AND d.start < wanted.after GROUP BY part"
        )
        for part, *vectors in execute_values(statement, spans).returned:
            new = WeightedVectors(*vectors)
            together[part] = together[part].plus(new) if part in together else new
    return together
