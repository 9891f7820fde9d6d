"""Rain and other sums: what came in each hour, day or month, and how fast at most."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from freetemp.fields import from_millis, to_millis
from freetemp.sql import execute_values
from readings.calendar.days import day_of, midnight_ms
from readings.calendar.span import DAY_MS, HOUR_MS, QUARTER_MS, Span
from readings.history.series import equal_span, offset_ms
from readings.models import Day, Quarter
from stations.models import Field

# The widest range that is drawn by the quarter, by the hour and by the day, with a day more for clocks that are set.
BY_QUARTERS_MS, BY_HOURS_MS, BY_DAYS_MS = 6 * HOUR_MS, 49 * HOUR_MS, 94 * DAY_MS
_DAYS_A_LOOK = 30
# The quarters of wanted days in which anything came, each with the quarter before it that has readings.
_RATES = (
    'WITH wanted (station, field, first, after) AS (VALUES {places}) SELECT t.start, t."sum", coalesce('
    "(SELECT max(start) FROM readings_quarter AS b WHERE b.station_id = t.station_id AND b.field = t.field"
    " AND b.start < t.start), 0) FROM wanted CROSS JOIN readings_quarter AS t"
    " WHERE t.station_id = wanted.station AND t.field = wanted.field"
    ' AND t.start >= wanted.first AND t.start < wanted.after AND t."sum" > 0'
)


@dataclass
class SumSeries:
    """Columns of equal length: each bucket's start and end in Unix seconds, and its sum. Empty buckets are left out.

    `per` is `quarter`, `hour`, `day` or `month`, by the station's calendar. The buckets are whole, even if the range
    cuts the first or the last.
    """

    kind: ClassVar[str] = "sum"
    per: str
    time: list[float]
    end: list[float]
    sum: list[float]


class Rate(NamedTuple):
    """The highest rate in the field's unit an hour, and the start of its quarter of an hour."""

    an_hour: float
    at: datetime


def sums(of: Field, start: datetime, end: datetime, points: int) -> SumSeries:
    """Return the sums of at most `points` buckets, or more if there are more months than that."""
    length_ms = to_millis(end) - to_millis(start)
    widths = (("quarter", BY_QUARTERS_MS, QUARTER_MS), ("hour", BY_HOURS_MS, HOUR_MS), ("day", BY_DAYS_MS, DAY_MS))
    fitting = (per for per, longest_ms, width_ms in widths if length_ms <= min(longest_ms, width_ms * (points - 1)))
    per = next(fitting, "month")
    asked = Span(to_millis(start), to_millis(end))
    edges, rows = _equal(of, asked, per) if per in ("quarter", "hour") else _of_days(of, asked, per)
    totals: dict[int, float] = {}
    for at_ms, amount in rows:
        bucket = bisect_right(edges, at_ms) - 1
        totals[bucket] = totals.get(bucket, 0.0) + amount
    buckets = sorted(totals)
    return SumSeries(
        per,
        [edges[each] / 1000 for each in buckets],
        [edges[each + 1] / 1000 for each in buckets],
        [totals[each] for each in buckets],
    )


def since_midnight(fields: Iterable[Field], at: datetime) -> dict[tuple[int, int], float]:
    """Return the sum of each amount or counter on the local day that a moment ends, by (station's id, number).

    Other fields, and those without readings on that day, are left out. It is one query, or none without such fields.
    """
    before_ms = to_millis(at) - 1  # A report at midnight belongs to the day that ends.
    wanted = [
        (field.station_id, field.number, day_of(field.station.zone, before_ms)) for field in fields if field.kind.is_sum
    ]
    found = Day.objects.in_spans(wanted) if wanted else []
    return {(station, number): total.sum for (station, number, _), total in found}


def highest_rate(of: Field, span: Span) -> Rate | None:
    """Return the highest rate within a span of whole quarters, or None if nothing came.

    What came in a quarter is spread over the time since the one before that has readings, an hour for hourly ones. A
    day has no higher rate than if all of it came in a quarter: only the wettest days are looked into.
    """
    zone = of.station.zone
    whole = Span(day_of(zone, span.start_ms).start_ms, day_of(zone, span.end_ms - 1).end_ms)
    rows = Day.objects.of(of).within(whole).filter(sum__gt=0).order_by("-sum", "start").values_list("sum", "start")
    days = [(amount, day_of(zone, to_millis(start))) for amount, start in rows]
    best: tuple[float, int] | None = None
    for at in range(0, len(days), _DAYS_A_LOOK):
        some = days[at : at + _DAYS_A_LOOK]
        looked = [day for amount, day in some if best is None or amount * HOUR_MS / QUARTER_MS >= best[0]]
        for an_hour, start_ms in _rates(of, looked):
            is_within = span.start_ms <= start_ms < span.end_ms
            if is_within and (best is None or (an_hour, -start_ms) > (best[0], -best[1])):
                best = an_hour, start_ms
        if not looked:
            break
    return Rate(best[0], from_millis(best[1])) if best else None


def _rates(of: Field, days: Sequence[Span]) -> list[tuple[float, int]]:
    """Return the rates an hour of the quarters of some days in which anything came, with their starts."""
    rows = execute_values(_RATES, [(of.station_id, of.number, *day) for day in days]).returned
    return [(amount * HOUR_MS / min(start_ms - before_ms, DAY_MS), start_ms) for start_ms, amount, before_ms in rows]


def _equal(of: Field, asked: Span, per: str) -> tuple[list[int], list[tuple[int, float]]]:
    step_ms = QUARTER_MS if per == "quarter" else HOUR_MS
    span = equal_span(asked, step_ms, offset_ms(of.station.zone, asked.end_ms) % HOUR_MS)
    found = Quarter.objects.in_spans([(of.station_id, of.number, span)])
    edges = list(range(span.start_ms, span.end_ms + 1, step_ms))
    return edges, [(start_ms, total.sum) for (_, _, start_ms), total in found]


def _of_days(of: Field, asked: Span, per: str) -> tuple[list[int], list[tuple[int, float]]]:
    zone = of.station.zone
    day = from_millis(asked.start_ms).astimezone(zone).date()
    days = [day.replace(day=1) if per == "month" else day]
    while midnight_ms(days[-1], zone) < asked.end_ms:
        after = days[-1] + timedelta(days=1 if per == "day" else 31)
        days.append(after if per == "day" else after.replace(day=1))
    edges = [midnight_ms(each, zone) for each in days]
    found = Day.objects.in_spans([(of.station_id, of.number, Span(edges[0], edges[-1]))])
    return edges, [(start_ms, total.sum) for (_, _, start_ms), total in found]
