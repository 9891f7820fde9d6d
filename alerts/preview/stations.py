"""The past year of rules about a station as a whole: silences, batteries, signals, restarts, records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.models import Rule
from alerts.preview.year import BACK, Step, Year, beyond
from alerts.rules import power
from alerts.rules.boards import FEW
from alerts.rules.records import ENOUGH_DAYS, YEAR, compared, is_weather
from freetemp.fields import MILLISECOND, to_millis
from outages.rhythm import limit
from readings.admin.board_health import MANY_STARTS, WEAK_DBM
from readings.calendar.span import DAY_MS, HOUR_MS, QUARTER_MS, Span
from readings.models import BoardState, Day, Quarter
from readings.models.board_state import ResetCause
from readings.models.day import DayExtremes
from stations.models import Field, Station


def silences(rule: Rule, station: Station, at: datetime) -> Iterator[Span]:
    """Yield the gaps of a station that are longer than a rule of silence says, to a quarter of an hour.

    Of those in which readings arrived late, nothing is left to see.
    """
    span = Span(to_millis(at - BACK), to_millis(at))
    rows = Quarter.objects.within(span).filter(station=station).order_by("start").values_list("start", flat=True)
    starts = [to_millis(start) for start in rows.distinct()]
    longest = limit(station.interval_s) if rule.minutes is None else timedelta(minutes=rule.minutes)
    for before_ms, after_ms in pairwise(starts):
        if after_ms - before_ms - QUARTER_MS > longest // MILLISECOND:
            yield Span(before_ms + QUARTER_MS, after_ms)


def batteries(rule: Rule, station: Station, at: datetime) -> Iterator[Span]:
    """Yield the times at which a battery of a station was low."""
    for field in station.fields.filter(power.ABOUT_BATTERIES, newest_at__isnull=False):
        highest = power.highest_of_year([field], at)
        if judged := power.judging_battery(rule, field, highest.get(field.pk, 0.0)):
            yield from beyond(judged, _battery_steps(Year.of(field, at)))


def signals(rule: Rule, station: Station, at: datetime) -> Iterator[Span]:
    """Yield the times at which a signal of a station was weak."""
    judged = rule.with_limit(WEAK_DBM, power.SIGNAL_BACK_DB)
    for field in station.fields.filter(quantity=power.SIGNAL, newest_at__isnull=False):
        yield from beyond(judged, _signal_steps(Year.of(field, at)))


def _battery_steps(year: Year) -> Iterator[Step]:
    """Yield the highest value of each hour, which tells that it is low, and the lowest of a day, that it is not."""
    lowest = dict(year.windows(DAY_MS, lambda totals: min(each.min for each in totals)))
    for start_ms, highest in year.windows(HOUR_MS, lambda totals: max(each.max for each in totals)):
        yield Step(Span(start_ms, start_ms + QUARTER_MS), highest, lowest[start_ms])


def _signal_steps(year: Year) -> Iterator[Step]:
    for start_ms, mean in year.windows(HOUR_MS, lambda totals: power.mean_of(list(totals))):
        yield Step(Span(start_ms, start_ms + QUARTER_MS), mean, mean)


def restarts(rule: Rule, station: Station, at: datetime) -> Iterator[Span]:
    """Yield the times at which a board had started many times in a day, as it told them."""
    rows = BoardState.objects.filter(station=station, first_at__gt=at - BACK, first_at__lte=at)
    starts = rows.exclude(reset_cause=ResetCause.DEEP_SLEEP).order_by("first_at").values_list("first_at", flat=True)
    moments, many = [to_millis(start) for start in starts], rule.limit or MANY_STARTS
    start_ms = end_ms = None
    for position, moment_ms in enumerate(moments):
        count = sum(moment_ms - DAY_MS < each <= moment_ms for each in moments[: position + 1])
        if start_ms is not None and end_ms is not None and count <= many * FEW:
            yield Span(start_ms, end_ms)
            start_ms = end_ms = None
        if count >= many:
            start_ms = moment_ms if start_ms is None else start_ms
        if start_ms is not None:
            end_ms = moment_ms
    if start_ms is not None and end_ms is not None:
        yield Span(start_ms, end_ms)


def records(rule: Rule, station: Station, at: datetime) -> Iterator[Span]:
    """Yield the days of the past year on which a weather field broke a record of the year before."""
    for field in station.fields.filter(newest_at__isnull=False):
        if not is_weather(field):
            continue
        span = Span(to_millis(at - BACK - YEAR), to_millis(at) - DAY_MS)
        rows = sorted(Day.objects.by_start(station.pk, field.number, span).items())
        days = [(start_ms, DayExtremes(1, day.min, day.max, day.sum)) for (_, _, start_ms), day in rows]
        yield from _broken(field, days, to_millis(at - BACK))


def _broken(field: Field, days: list[tuple[int, DayExtremes]], since_ms: int) -> Iterator[Span]:
    first, year_ms = 0, YEAR // MILLISECOND
    for position, (start_ms, own) in enumerate(days):
        while days[first][0] < start_ms - year_ms:
            first += 1
        before = [day for _, day in days[first:position]]
        if start_ms >= since_ms and len(before) >= ENOUGH_DAYS:
            lows, highs, mosts = zip(*((day.min, day.max, day.most) for day in before), strict=True)
            if compared(field, own, DayExtremes(len(before), min(lows), max(highs), max(mosts))):
                yield Span(start_ms, start_ms + DAY_MS)
