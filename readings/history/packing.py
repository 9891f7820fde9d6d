"""Packs a series into few bytes for the pages' charts: whole numbers compress well. static/js/lib/api.js unpacks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import floor, inf, log10
from typing import Any

from readings.history.directions import DirectionSeries
from readings.history.of_kind import AnySeries
from readings.history.series import Series
from readings.history.sums import SumSeries

EXACT = 2**53  # JavaScript's whole numbers are exact up to here.
# A page shows a mean with the field's decimals: with two more, packed and exact values round alike.
MORE_DECIMALS = 2
# A chart is a few hundred pixels high: its lowest and its highest value are at least a thousand steps apart.
DIGITS, MOST_DECIMALS = 3, 15
_DIRECTION_DECIMALS = 1  # A chart shows 360 degrees to about a degree.


def packed(series: AnySeries, shown_decimals: int) -> dict[str, Any]:
    """Return a series' columns, by its kind. Sums are few, and come as they are."""
    if isinstance(series, SumSeries):
        return columns_of(series)
    return _packed_directions(series) if isinstance(series, DirectionSeries) else _packed_levels(series, shown_decimals)


def columns_of(series: AnySeries) -> dict[str, Any]:
    """Return a series' columns as the API names them. Its levels have no kind: programs know them without one."""
    if isinstance(series, Series):
        return vars(series)
    columns = {"kind": series.kind, **vars(series)}
    if isinstance(series, SumSeries):
        columns["until"] = columns.pop("end")  # The answer's own end is that of the stretch.
    return columns


def rows_of(columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns as rows: an object for each moment, as programs that draw tables want them."""
    lists = {name: column for name, column in columns.items() if isinstance(column, list)}
    others = {name: each for name, each in columns.items() if name not in lists}
    rows = [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]
    return {**others, "rows": rows}


def _packed_levels(series: Series, shown_decimals: int) -> dict[str, Any]:
    """Return columns of whole numbers; the last `decimals` digits are behind the point.

    `time_ms` and `mean` hold the difference from the value before. A gap is a null, which the differences skip. `below`
    and `above` are the distances of min and max from the mean; a column of zeros is empty. Values too large for this
    are returned as they are, in the columns of a Series.
    """
    lows, highs = (_known(column) for column in (series.min, series.max))
    low, high = min(lows, default=0.0), max(highs, default=0.0)
    decimals = _decimals(high - low, shown_decimals)
    scale = 10**decimals
    if max(abs(low), abs(high)) * scale >= EXACT:
        return vars(series)
    mean = _whole(series.mean, scale)
    return {
        **_steps(series, mean, decimals),
        "below": _apart(mean, _whole(series.min, scale)),
        "above": _apart(_whole(series.max, scale), mean),
    }


def _packed_directions(series: DirectionSeries) -> dict[str, Any]:
    """Return columns of whole numbers, as for levels, but `steadiness` in percent; empty if unknown.

    It is rounded down: only a direction that was always the same has 100 %.
    """
    steadiness = [None if share is None else int(100 * share + 1e-9) for share in series.steadiness]
    return {
        "kind": series.kind,
        **_steps(series, _whole(series.mean, 10**_DIRECTION_DECIMALS), _DIRECTION_DECIMALS),
        "steadiness": steadiness if any(each is not None for each in steadiness) else [],
    }


def _steps(series: Series | DirectionSeries, mean: Sequence[int | None], decimals: int) -> dict[str, Any]:
    return {
        "step_s": series.step_s,
        "decimals": decimals,
        "time_ms": list(_distances(_whole(series.time, 1000))),
        "mean": list(_distances(mean)),
    }


def _decimals(height: float, shown: int) -> int:
    """Return the number of decimals that a chart of this height and the words beside it can show."""
    needed = DIGITS - floor(log10(height)) if 0 < height < inf else 0
    return max(shown + MORE_DECIMALS, min(needed, MOST_DECIMALS))


def _known(column: Sequence[float | None]) -> list[float]:
    return [value for value in column if value is not None]


def _whole(column: Sequence[float | None], scale: int) -> list[int | None]:
    return [None if value is None else round(value * scale) for value in column]


def _distances(column: Iterable[int | None]) -> Iterator[int | None]:
    before = 0
    for value in column:
        yield None if value is None else value - before
        before = before if value is None else value


def _apart(upper: Sequence[int | None], lower: Sequence[int | None]) -> list[int]:
    apart = [0 if high is None or low is None else high - low for high, low in zip(upper, lower, strict=True)]
    return apart if any(apart) else []
