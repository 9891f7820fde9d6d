"""Two sensors side by side: the offset, the factor and the scatter between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt
from statistics import StatisticsError, correlation, fmean, linear_regression, stdev

from freetemp.fields import to_millis
from readings.calendar.span import QUARTER_MS, Span
from readings.history.difference import in_unit_of, pairs
from stations.models import Field
from stations.units import METRIC, displayed

# Quarters of an hour with readings of both: without an hour there is no offset, and without a day no factor, since a
# sensor may be warm by its own sun in the morning and the other in the evening.
LEAST, LEAST_FOR_A_FACTOR = 4, 96
# A factor is also believed outside the values that it was found with, so these must not be close together: the least
# distance of the lowest from the highest, by the unit.
LEAST_SPREAD = {"degC": 5.0, "%": 20.0, "hPa": 10.0, "m/s": 5.0}
# In standard deviations of the scatter: nearer values are lost in it, whatever the unit. A correlation of about 0.95.
LEAST_SIGNAL = 3.0
# Longer than anybody leaves two sensors side by side, and still quick.
LONGEST = timedelta(days=93)


@dataclass(frozen=True)
class Fit:
    """How a field becomes what a reference said: `reference = field * factor + offset`, in the field's unit.

    `scatter` is the standard deviation of what is left, and `missing` the reason for a factor of 1: “few” quarters,
    “narrow” values, or nothing. Errors are standard errors. Quarters beside each other are alike, so that they count
    for fewer.
    """

    quarters: int
    difference: float  # The field's mean difference from the reference: positive if it measures more.
    factor: float
    offset: float
    scatter: float
    difference_error: float
    factor_error: float
    correlation: float | None  # None if either is constant.
    missing: str = ""


def comparison_fit(of: Field, reference: Field, start: datetime, end: datetime) -> Fit | None:
    """Return the line that turns a field's values into those of a reference, by least squares over means of quarters.

    Only quarters in which both have readings count. The factor is 1 unless there are enough quarters and their values
    are far enough apart. None if there is less than an hour, or the units are not alike, or the time is too long.
    """
    to = in_unit_of(of, reference)
    if to is None or end - start > LONGEST:
        return None
    found = pairs(of, reference, Span(to_millis(start), to_millis(end)))
    if len(found) < LEAST:
        return None
    moments, own = [at for at, _, _ in found], [mean for _, mean, _ in found]
    return fitted(moments, own, [other * to.scale + to.offset for _, _, other in found], _least_spread(of))


def fitted(moments_ms: Sequence[int], own: Sequence[float], other: Sequence[float], least_spread: float) -> Fit:
    """Return the fit of at least two quarters, by their starts and the means of both, in one unit."""
    apart = [mine - theirs for mine, theirs in zip(own, other, strict=True)]
    difference, together = fmean(apart), _correlation(own, other)
    factor, offset = linear_regression(own, other) if together is not None else (1.0, -difference)
    rest = [theirs - (mine * factor + offset) for mine, theirs in zip(own, other, strict=True)]
    scatter = sqrt(sum(each * each for each in rest) / (len(rest) - 2))
    missing = _missing(own, least_spread, scatter)
    counted = sqrt(_independent(moments_ms, rest if not missing else [each - difference for each in apart]))
    error = stdev(apart) / counted
    if missing:
        return Fit(len(own), difference, 1.0, -difference, stdev(apart), error, 0.0, together, missing)
    return Fit(len(own), difference, factor, offset, scatter, error, scatter / (stdev(own) * counted), together)


def _missing(own: Sequence[float], least_spread: float, scatter: float) -> str:
    """Return what a factor needs and these values lack."""
    if len(own) < LEAST_FOR_A_FACTOR:
        return "few"
    is_wide = max(own) - min(own) >= least_spread and stdev(own) >= LEAST_SIGNAL * scatter and stdev(own) > 0
    return "" if is_wide else "narrow"


def _correlation(own: Sequence[float], other: Sequence[float]) -> float | None:
    try:
        return correlation(own, other)
    except StatisticsError:  # One of them is constant.
        return None


def _independent(moments_ms: Sequence[int], rest: Sequence[float]) -> float:
    """Return how many independent values would tell as much: each is like the one a quarter before.

    With r as the correlation of neighbours, n values count as n (1 - r) / (1 + r): von Storch and Zwiers, Statistical
    Analysis in Climate Research, 6.6.8.
    """
    beside = [at for at, (one, two) in enumerate(pairwise(moments_ms)) if two - one == QUARTER_MS]
    alike = _correlation([rest[at] for at in beside], [rest[at + 1] for at in beside]) if len(beside) > 1 else None
    alike = min(max(alike or 0.0, 0.0), 0.99)
    return max(len(rest) * (1 - alike) / (1 + alike), 1.0)


def _least_spread(of: Field) -> float:
    """Return how far the values of a field must be apart for a factor, in its unit."""
    unit = displayed(of.unit, METRIC)
    return LEAST_SPREAD.get(unit.name, 0.0) / unit.scale
