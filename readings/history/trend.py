"""Whether a field rises or falls: its newest minutes against those an hour before, or three hours if customary."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import hypot, log10, sqrt

from freetemp.fields import to_millis
from readings.calendar.span import Span
from readings.models import Reading
from readings.models.summary import Total
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.models.status import LATE_AFTER
from stations.units import METRIC, displayed

MINUTE = timedelta(minutes=1)
# The time that is averaged at either end, if the station reports that often.
AVERAGED = 15 * MINUTE
HOUR = timedelta(hours=1)
# The tendency of air pressure is its change in three hours: WMO-No. 8, Guide to Instruments and Methods of Observation.
TENDENCY_HOURS = 3
# Upper limits in hPa in three hours: slowly, then without a word, then quickly; beyond, very rapidly (Met Office,
# “Marine forecasts glossary”, pressure tendency in station reports).
SLOWLY, PLAINLY, QUICKLY = 1.5, 3.5, 6.0
# In units of a field's last decimal place, and in standard errors: a difference not beyond both is steady.
LEAST_STEPS, LEAST_ERRORS = 2, 2


@dataclass(frozen=True)
class Trend:
    """A field's change over some time, in its own unit."""

    difference: float
    hours: int
    is_steady: bool
    pace: str = ""  # For pressure: `slowly`, nothing, `quickly` or `rapidly`.
    # For pressure: the means that are an hour apart, oldest first, if all are known, and the least change that is one.
    hourly: tuple[float, ...] = ()
    least: float = 0.0

    @property
    def direction(self) -> str:
        """Return `rising`, `falling` or `steady`."""
        return "steady" if self.is_steady else "rising" if self.difference > 0 else "falling"


def trends(station: Station, fields: Collection[Field], now: datetime) -> dict[int, Trend]:
    """Return the trend of each field by its number, if its station is not late and has reported for long enough.

    The mean of the newest 15 minutes is compared with that of the 15 minutes an hour before, or three hours before for
    pressure. A station that reports less often is compared over three hours, by single readings if necessary. A change
    within the noise is steady: less than two of the field's last decimal place, or less than two standard errors.
    """
    newest = newest_at(fields)
    interval = timedelta(seconds=station.interval_s)
    if newest is None or now - newest > LATE_AFTER * interval or interval > HOUR:
        return {}
    averaged = max(AVERAGED, interval)
    hours = TENDENCY_HOURS if interval > AVERAGED else 1
    after = newest + timedelta(milliseconds=1)
    spans = [(ago, _before(after - ago * HOUR, averaged)) for ago in range(TENDENCY_HOURS + 1)]
    known = [field for field in fields if field.newest_at and field.kind.is_averaged]
    totals = Reading.objects.totals(known, spans)
    found = {field.number: _trend(field, hours, totals) for field in known}
    return {number: trend for number, trend in found.items() if trend}


def _before(moment: datetime, length: timedelta) -> Span:
    return Span(to_millis(moment - length), to_millis(moment))


def _trend(field: Field, hours: int, totals: dict[tuple[int, int], Total]) -> Trend | None:
    is_pressure = displayed(field.unit, METRIC).name == "hPa"
    hours = TENDENCY_HOURS if is_pressure else hours
    newest, before = totals.get((field.number, 0)), totals.get((field.number, hours))
    if newest is None or before is None:
        return None
    difference = newest.mean - before.mean
    least = max(LEAST_STEPS * 10**-field.decimals, LEAST_ERRORS * hypot(_error(newest), _error(before)))
    trend = Trend(difference, hours, abs(difference) < least, least=least)
    if not is_pressure:
        return trend
    hourly = [totals.get((field.number, ago)) for ago in reversed(range(TENDENCY_HOURS + 1))]
    means = tuple(each.mean for each in hourly if each)
    pace = _pace(abs(displayed(field.unit, METRIC).convert_difference(difference)))
    return replace(trend, pace=pace, hourly=means if len(means) == len(hourly) else ())


def _pace(change_hpa: float) -> str:
    paces = ((SLOWLY, "slowly"), (PLAINLY, ""), (QUICKLY, "quickly"))
    return next((pace for most_hpa, pace in paces if change_hpa <= most_hpa), "rapidly")


def _error(total: Total) -> float:
    """Return the standard error of a mean, estimated from the range of its readings.

    The range of n normal values is 3 (log10 n) ** 0.75 standard deviations, within 3 % for 3 to 50 of them
    (www.johndcook.com/blog/2022/03/09/range-trick/).
    """
    if total.n < 2:
        return 0.0
    deviation = (total.max - total.min) / (3 * log10(total.n) ** 0.75)
    return float(deviation / sqrt(total.n))
