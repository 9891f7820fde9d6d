"""A station's records and its months, from its days' rollups alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

from django.db import connection

from freetemp.fields import from_millis, to_millis
from freetemp.sql import execute, execute_values, placeholders
from readings.derived import is_temperature
from readings.models import Day
from readings.models.rollup import RollupQuerySet, midnight_ms
from readings.periods import Period, midnight
from readings.summaries import Total
from stations.models import Field, Station

MONTHS = 12

# Frost and ice days: ETCCDI's FD and ID; summer and hot days: the Deutscher Wetterdienst's glossary (Sommertag, Heisser
# Tag). Degree days as Eurostat has them (reference metadata of nrg_chdd): a day whose mean is 15 degC or less needs
# heating, by 18 degC less its mean; a day whose mean is 24 degC or more needs cooling, by its mean less 21 degC.
LIMITS_C = {
    "frost": 0,
    "summer": 25,
    "hot": 30,
    "heating_from": 15,
    "heated_to": 18,
    "cooling_from": 24,
    "cooled_to": 21,
}
_ZERO_AND_DEGREE = {"degC": (0.0, 1.0), "degF": (32.0, 1.8)}


class Counted(NamedTuple):
    """Days of a temperature, and its degree days in the field's own degrees."""

    frost: int
    ice: int
    summer: int
    hot: int
    heating: float
    cooling: float


class Summary(NamedTuple):
    """Readings of some days: the days that have any, the readings' total, and what is counted of finished days."""

    days: int
    total: Total
    counted: Counted

    def plus(self, other: Summary) -> Summary:
        counted = Counted._make(one + another for one, another in zip(self.counted, other.counted, strict=True))
        return Summary(self.days + other.days, self.total.plus(other.total), counted)


class Record(NamedTuple):
    """A value that none has surpassed, in its field's unit, and the first day that had it."""

    value: float
    day: date


class Records(NamedTuple):
    """Since the first day. The means are None until a day is over."""

    since: date
    highest: Record
    lowest: Record
    highest_mean: Record | None
    lowest_mean: Record | None


@dataclass(frozen=True)
class FieldAlmanac:
    field: Field
    records: Records
    months: Sequence[tuple[date, Summary | None]]  # by their first days

    @property
    def is_temperature(self) -> bool:
        return is_temperature(self.field)

    @property
    def whole(self) -> Summary | None:
        """Return all months together."""
        known = [summary for _, summary in self.months if summary]
        return reduce(Summary.plus, known) if known else None


class AlmanacQuerySet(RollupQuerySet):
    """Days of a station, each a row of rollup.Day."""

    def records(self, station: Station, numbers: Collection[int], today_ms: int) -> dict[int, Records]:
        """Return each field's records, by its number: one pass over its days and one to name those that hold them.

        A day's mean counts when the day is over and it has at least half the readings of the fullest of the three days
        before it, or of the three after it: a station that was put up at night has not had its coldest day.
        """
        statement = f"""
            WITH own AS (
                SELECT field, start, "sum" / count AS mean, "min" AS low, "max" AS high,
                    CASE WHEN start < %s THEN count END AS readings
                FROM {self.model._meta.db_table} WHERE station_id = %s AND field IN ({placeholders(len(numbers))})
            ), near AS (
                SELECT own.*, max(readings) OVER (around ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS before,
                    max(readings) OVER (around ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING) AS after
                FROM own WINDOW around AS (PARTITION BY field ORDER BY start)
            ), day AS (
                SELECT field, start, low, high, CASE WHEN 2 * readings >= coalesce(before, after, 0)
                    OR 2 * readings >= coalesce(after, before, 0) THEN mean END AS mean FROM near
            ), best AS (
                SELECT field, min(start) AS since, max(high) AS high, min(low) AS low,
                    max(mean) AS warm, min(mean) AS cold
                FROM day GROUP BY field
            )
            SELECT best.field, since, best.high, min(CASE WHEN day.high = best.high THEN start END),
                best.low, min(CASE WHEN day.low = best.low THEN start END),
                warm, min(CASE WHEN mean = warm THEN start END), cold, min(CASE WHEN mean = cold THEN start END)
            FROM best JOIN day ON day.field = best.field GROUP BY best.field, since, best.high, best.low, warm, cold
        """  # noqa: S608 - our names
        found = execute(statement, [today_ms, station.pk, *numbers]).returned if numbers else []
        return {field: _records(station, row) for field, *row in found}

    def months(self, fields: Sequence[Field], edges_ms: Sequence[int], today_ms: int) -> dict[tuple[int, int], Summary]:
        """Return summaries of one station's days by (field's number, index of the month), as of `edges_ms`."""
        spans = list(pairwise(edges_ms))
        rows = [
            (field.station_id, field.number, index, *span, *_ZERO_AND_DEGREE.get(field.unit, (0.0, 1.0)))
            for field in fields
            for index, span in enumerate(spans)
        ]
        # As SummaryQuerySet.totals: sought by the primary key on either database.
        own = (
            f"{self.model._meta.db_table} AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
            " AND start >= wanted.first AND start < wanted.after"
        )
        columns = _columns(today_ms)
        summed = (
            f"found.* FROM wanted CROSS JOIN LATERAL (SELECT {columns} FROM {own}) AS found"  # noqa: S608 - our names
            if connection.vendor == "postgresql"
            else f"{columns} FROM wanted CROSS JOIN {own} GROUP BY 1, 2"
        )
        statement = (
            "WITH wanted (station, field, part, first, after, zero, degree) AS (VALUES {places})"
            f" SELECT wanted.field, wanted.part, {summed}"
        )
        found = execute_values(statement, rows).returned
        return {
            (field, index): Summary(days, Total(*row[:4]), Counted(*row[4:]))
            for field, index, days, *row in found
            if days
        }


def almanac(station: Station, fields: Sequence[Field], period: Period, now: datetime) -> list[FieldAlmanac]:
    """Return the almanac of each field that has readings: the months of the year that is shown, or the last twelve."""
    zone = station.zone
    today = now.astimezone(zone).date()
    today_ms = midnight_ms(today, zone)
    days = AlmanacQuerySet(Day)
    records = days.records(station, [field.number for field in fields], today_ms)
    firsts = _months(period.first_day if period.kind == "year" and period.first_day else None, today)
    known = [field for field in fields if field.number in records]
    summaries = days.months(known, [to_millis(midnight(first, zone)) for first in firsts], today_ms)
    of_field = {
        number: [(first, summaries.get((number, index))) for index, first in enumerate(firsts[:-1])]
        for number in records
    }
    begun = {number: each.since.replace(day=1) for number, each in records.items()}
    return [
        FieldAlmanac(field, records[n], [month for month in of_field[n] if month[0] >= begun[n]])
        for field in known
        for n in [field.number]
    ]


def _columns(today_ms: int) -> str:
    """Return SQL for a Summary of days, where `wanted` has the field's zero degC and the size of a degree."""

    def counts(condition: str, amount: str = "1") -> str:
        return f"sum(CASE WHEN start < {today_ms:d} AND {condition} THEN {amount} ELSE 0 END)"

    mean = '"sum" / count'
    at = {name: f"zero + {limit_c} * degree" for name, limit_c in LIMITS_C.items()}
    counted = (
        counts(f'"min" < {at["frost"]}'),
        counts(f'"max" < {at["frost"]}'),
        counts(f'"max" >= {at["summer"]}'),
        counts(f'"max" >= {at["hot"]}'),
        counts(f"{mean} <= {at['heating_from']}", f"{at['heated_to']} - {mean}"),
        counts(f"{mean} >= {at['cooling_from']}", f"{mean} - ({at['cooled_to']})"),
    )
    return f"count(*), {RollupQuerySet.total}, {', '.join(counted)}"


def _months(year: date | None, today: date) -> list[date]:
    """Return the first days of a year's months that have begun, or of the last twelve, and of the month after them."""
    last = today.year * 12 + today.month - 1
    first = year.year * 12 if year else last - MONTHS + 1
    after = min(first + MONTHS, last + 1)
    return [date(number // 12, number % 12 + 1, 1) for number in range(first, after + 1)]


def _records(station: Station, row: Sequence[float]) -> Records:
    def record(value: float | None, start_ms: float) -> Record | None:
        return None if value is None else Record(value, day(start_ms))

    def day(start_ms: float) -> date:
        return from_millis(int(start_ms)).astimezone(station.zone).date()

    since, high, high_ms, low, low_ms, warm, warm_ms, cold, cold_ms = row
    return Records(
        day(since), Record(high, day(high_ms)), Record(low, day(low_ms)), record(warm, warm_ms), record(cold, cold_ms)
    )
