"""Levels: records and months, computed only from the rollups of days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import pairwise
from typing import ClassVar, NamedTuple

from freetemp.fields import from_millis
from freetemp.sql import execute_values
from readings.almanac.days import Record
from readings.almanac.months import ByMonth
from readings.calendar.days import RunningDay
from readings.models.day import FIGURES, MEAN, DayQuerySet
from readings.models.summary import Figures
from stations.models import Field, Station
from stations.units import conversion

LIKELY_DAYS, MOST_DAYS = 10, 1_000_000
SUN = "solar_radiation"

# Frost and ice days: ETCCDI's FD and ID; summer and hot days: the Deutscher Wetterdienst's glossary (Sommertag, Heisser
# Tag). Degree days follow Eurostat (reference metadata of nrg_chdd): a day with a mean of 15 degC or less counts
# 18 degC minus its mean for heating; a day with a mean of 24 degC or more counts its mean minus 21 degC for cooling.
# Growing degree days are those of McMaster and Wilhelm, Agricultural and Forest Meteorology 87 (1997), method 1.
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
    """Numbers of days by a temperature's limits, and degree days in the field's own degrees."""

    frost: int
    ice: int
    summer: int
    hot: int
    heating: float  # by the mean of a day's hours
    cooling: float
    heating_middle: float  # by the middle of its lowest and highest, as Eurostat's (docs/figures.md)
    cooling_middle: float
    growing: float
    growing_middle: float


class Summary(NamedTuple):
    """A summary of some days: the number of days with readings, their figures, and the counts of finished days.

    `hour_sum` is the sum of the means of all hours with readings: the run of wind, if it is one of speeds.
    `sunshine_h` are the sunshine-like hours, of a solar radiation only.
    """

    days: int
    figures: Figures
    hour_sum: float
    counted: Counted
    sunshine_h: float = 0.0

    def plus(self, other: Summary) -> Summary:
        counted = Counted._make(one + another for one, another in zip(self.counted, other.counted, strict=True))
        figures, hour_sum = self.figures.plus(other.figures), self.hour_sum + other.hour_sum
        return Summary(self.days + other.days, figures, hour_sum, counted, self.sunshine_h + other.sunshine_h)


class Records(NamedTuple):
    """The records since the first day. The means are None until a day is over."""

    since: date
    highest: Record
    lowest: Record
    highest_mean: Record | None
    lowest_mean: Record | None


@dataclass(frozen=True)
class LevelAlmanac:
    """The almanac of a level."""

    template: ClassVar[str] = "almanac/_level.html"
    cells: ClassVar[str] = "almanac/_level_cells.html"
    field: Field
    records: Records
    months: ByMonth[Summary]

    @property
    def is_temperature(self) -> bool:
        return self.field.unit in _ZERO_AND_DEGREE

    @property
    def has_run(self) -> bool:
        """Tell whether it has a run of wind."""
        return self.field.quantity == "wind_speed" and conversion(self.field.unit, "m/s") is not None

    @property
    def has_sunshine(self) -> bool:
        return self.field.quantity == SUN

    @property
    def columns(self) -> int:
        """Return the number of cells."""
        return 4 + self.has_run + self.has_sunshine

    @property
    def counted(self) -> list[tuple[date, Counted]]:
        """Return the counts of each month that has readings. They are of days that are over."""
        return [(first, summary.counted) for first, summary in self.months if summary]

    @property
    def whole(self) -> Summary | None:
        """Return one summary of all months."""
        known = [summary for _, summary in self.months if summary]
        return reduce(Summary.plus, known) if known else None


class AlmanacQuerySet(DayQuerySet):
    """Days of a station, each a row of rollup.Day."""

    def records(self, station: Station, numbers: Collection[int], today_ms: int) -> dict[int, Records]:
        """Return each field's records, by its number, up to and including the day that begins at `today_ms`.

        A day's mean counts if the day is over and has readings in at least half as many hours as the fullest of the
        three days before it, or of the three after it: a station that was put up at night did not have its coldest day
        then.
        """
        table = self.model._meta.db_table
        seek = f"FROM {table} AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
        # Materialized: otherwise SQLite looks up each day twice.
        statement = f"""
            WITH wanted (station, field) AS (VALUES {{places}}),
            found AS MATERIALIZED (
                SELECT station, field, (SELECT min(start) {seek}) AS since,
                    (SELECT start {seek} ORDER BY "max" DESC, start LIMIT 1) AS high,
                    (SELECT start {seek} ORDER BY "min", start LIMIT 1) AS low,
                    {_day_by_mean(seek, today_ms, "DESC")} AS warm, {_day_by_mean(seek, today_ms, "")} AS cold
                FROM wanted
            )
            SELECT found.field, since, h."max", high, l."min", low, w.hour_sum / w.hours, warm,
                c.hour_sum / c.hours, cold
            FROM found
            JOIN {table} AS h ON h.station_id = station AND h.field = found.field AND h.start = high
            JOIN {table} AS l ON l.station_id = station AND l.field = found.field AND l.start = low
            LEFT JOIN {table} AS w ON w.station_id = station AND w.field = found.field AND w.start = warm
            LEFT JOIN {table} AS c ON c.station_id = station AND c.field = found.field AND c.start = cold
        """  # noqa: S608 - our names
        found = execute_values(statement, [(station.pk, number) for number in numbers]).returned
        return {field: _records(station, row) for field, *row in found}

    def months(
        self, fields: Sequence[Field], edges_ms: Sequence[int], running: RunningDay, base_c: float
    ) -> dict[tuple[int, int], Summary]:
        """Return summaries of one station's days by (field's number, index of the month between the `edges_ms`)."""
        spans = list(pairwise(edges_ms))
        rows = [
            (field.station_id, field.number, index, *span, *_ZERO_AND_DEGREE.get(field.unit, (0.0, 1.0)), *running)
            for field in fields
            for index, span in enumerate(spans)
        ]
        statement = (
            "WITH wanted (station, field, part, first, after, zero, degree, today, share) AS (VALUES {places})"
            f" SELECT wanted.field, wanted.part, {self.summed_up(_columns(running, base_c))}"
        )
        found = execute_values(statement, rows).returned
        return {
            (field, index): Summary(days, Figures(*row[:6]), row[6], Counted(*row[7:]))
            for field, index, days, *row in found
            if days
        }


def _day_by_mean(seek: str, today_ms: int, order: str) -> str:
    """Return SQL for the day with the highest or the lowest mean, among days that are over and have enough readings."""
    over = f"{seek} AND start < {today_ms:d}"
    three = (
        f"(SELECT max(n) FROM (SELECT hours AS n {over} AND start {{}} day.start ORDER BY start {{}} LIMIT 3) AS near)"  # noqa: S608 - our names
    )
    before, after = three.format("<", "DESC"), three.format(">", "")
    best = f"""(
        SELECT start FROM (
            SELECT start, hours, {MEAN} AS mean {over} ORDER BY 3 {order}, start LIMIT {{}}
        ) AS day
        WHERE 2 * hours >= coalesce({before}, {after}, 0) OR 2 * hours >= coalesce({after}, {before}, 0)
        ORDER BY mean {order}, start LIMIT 1
    )"""  # noqa: S608 - our names
    # Usually one of the first few days has enough; comparing every day with its neighbours takes ten times as long.
    return f"coalesce({best.format(LIKELY_DAYS)}, {best.format(MOST_DAYS)})"


def _columns(running: RunningDay, base_c: float) -> str:
    """Return SQL for a Summary of days. `wanted` must have 0 degC and the size of 1 degC in the field's unit."""

    def counts(condition: str, amount: str = "1") -> str:
        return f"sum(CASE WHEN start < {running.start_ms:d} AND {condition} THEN {amount} ELSE 0 END)"

    at = {name: f"zero + {limit_c} * degree" for name, limit_c in LIMITS_C.items()}
    means, base = (MEAN, '("min" + "max") / 2'), f"(zero + {base_c!r} * degree)"
    counted = (
        counts(f'"min" < {at["frost"]}'),
        counts(f'"max" < {at["frost"]}'),
        counts(f'"max" >= {at["summer"]}'),
        counts(f'"max" >= {at["hot"]}'),
        *(
            amount
            for mean in means
            for amount in (
                counts(f"{mean} <= {at['heating_from']}", f"{at['heated_to']} - {mean}"),
                counts(f"{mean} >= {at['cooling_from']}", f"{mean} - ({at['cooled_to']})"),
            )
        ),
        *(counts(f"{mean} > {base}", f"{mean} - {base}") for mean in means),
    )
    return f"count(*), {FIGURES}, sum(hour_sum), {', '.join(counted)}"


def _records(station: Station, row: Sequence[float]) -> Records:
    def record(value: float | None, start_ms: float) -> Record | None:
        return None if value is None else Record(value, day(start_ms))

    def day(start_ms: float) -> date:
        return from_millis(int(start_ms)).astimezone(station.zone).date()

    since, high, high_ms, low, low_ms, warm, warm_ms, cold, cold_ms = row
    return Records(
        day(since), Record(high, day(high_ms)), Record(low, day(low_ms)), record(warm, warm_ms), record(cold, cold_ms)
    )
