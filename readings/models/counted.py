"""The readings that count: what is raw, without what was set aside, by the calibration of the sensor that hung then.

Raw readings are never rewritten. Every reader of values takes them from source(), and every writer of new ones from
rules_of(): SQL and Python say the same, to the last bit. A field without any of it uses the plain table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeVar

from freetemp.sql import execute, placeholders
from readings.calendar.span import EVER, Span
from stations.quantities import WIND_DIRECTION

RAW = "readings_reading"
# Beyond these, a product or its parts may leave the range of a float, which PostgreSQL refuses. No sensor measures so.
SMALLEST, LARGEST = 1e-100, 1e100

FULL_CIRCLE = 360.0  # degrees
_QUANTITY = "(SELECT quantity FROM stations_field AS f WHERE f.station_id = s.station_id AND f.number = s.field)"

FieldKey = tuple[int, int]  # station, number
LeafT = TypeVar("LeafT")


class Cut(NamedTuple):
    """A span whose raw readings are set aside: all, or those below or above a value as the board sent it."""

    span: Span
    below: float | None = None
    above: float | None = None

    def takes(self, raw: float) -> bool:
        if self.below is None and self.above is None:
            return True
        return (self.below is not None and raw < self.below) or (self.above is not None and raw > self.above)


class Calibration(NamedTuple):
    """A span whose values are raw * factor + offset. A direction stays on its circle: 350 degrees and 20 are 10."""

    span: Span
    factor: float
    offset: float
    is_direction: bool = False

    def of(self, raw: float) -> float:
        if not (raw == 0 or SMALLEST <= abs(raw) <= LARGEST):
            return raw
        value = raw * self.factor + self.offset
        if not self.is_direction:
            return value
        return value - FULL_CIRCLE if value > FULL_CIRCLE else value + FULL_CIRCLE if value < 0 else value


@dataclass(frozen=True)
class Rules:
    """What counts of a field's raw readings. Cuts may overlap; calibrations are in order and do not."""

    cuts: Sequence[Cut]
    calibrations: Sequence[Calibration]

    def value(self, moment_ms: int, raw: float) -> float | None:
        """Return the value that counts for a raw reading, or None if it is set aside."""
        if any(cut.span.start_ms <= moment_ms < cut.span.end_ms and cut.takes(raw) for cut in self.cuts):
            return None
        for each in self.calibrations:
            if each.span.start_ms <= moment_ms < each.span.end_ms:
                return each.of(raw)
        return raw


class Treatable(Protocol):
    """A field, as far as it matters here."""

    @property
    def number(self) -> int: ...
    @property
    def is_treated(self) -> bool: ...


def treated(fields: Iterable[Treatable]) -> list[int]:
    """Return the numbers of the fields that have something set aside or calibrated."""
    return [field.number for field in fields if field.is_treated]


def source(station: int, numbers: Collection[int], span: Span = EVER) -> str:
    """Return SQL to put behind FROM, with an alias, for the readings that count of a station's fields.

    `numbers` are those of its treated fields. Readings of other fields, and those outside of `span`, come as they are.
    The columns are those of the raw table: station_id, field, measured_at and value.
    """
    rules = rules_of({(station, number) for number in numbers}, span) if numbers else {}
    values = {number: _value(each, span) for (_, number), each in sorted(rules.items()) if each.calibrations}
    keeps = {number: _keep(each, span) for (_, number), each in sorted(rules.items()) if each.cuts}
    if not values and not keeps:
        return RAW
    where = f" WHERE {_by_field(keeps, 'TRUE')}" if keeps else ""
    return f"(SELECT station_id, field, measured_at, {_by_field(values, 'value')} AS value FROM {RAW}{where})"  # noqa: S608 - numbers


def rules_of(fields: Collection[FieldKey], span: Span = EVER) -> dict[FieldKey, Rules]:
    """Return the rules of some treated fields that matter within a span."""
    if not fields:
        return {}
    stations = sorted({station for station, _ in fields})
    here = (
        f"station_id IN ({placeholders(len(stations))}) AND state = 'active'"
        ' AND start < %s AND coalesce("end", %s) > %s'
    )
    parameters = [*stations, span.end_ms, EVER.end_ms, span.start_ms]
    rows = execute(
        f'SELECT 0, station_id, field, start, "end", below, above, NULL FROM readings_setaside WHERE {here}'  # noqa: S608 - our names
        f' UNION ALL SELECT 1, station_id, field, start, "end", factor, "offset", {_QUANTITY}'
        f" FROM readings_sensor AS s WHERE {here}"
        ' AND (factor <> 1 OR "offset" <> 0) ORDER BY 1, 2, 3, 4',
        [*parameters, *parameters],
    ).returned
    rules: dict[FieldKey, Rules] = {}
    for kind, station, number, start_ms, end_ms, one, other, quantity in rows:
        of_span = Span(start_ms, EVER.end_ms if end_ms is None else end_ms)
        for key in fields if number is None else [(station, number)]:
            if key not in fields or key[0] != station:
                continue
            mine = rules.setdefault(key, Rules([], []))
            if kind:
                calibration = Calibration(of_span, one, other, quantity == WIND_DIRECTION)
                rules[key] = Rules(mine.cuts, [*mine.calibrations, calibration])
            else:
                rules[key] = Rules([*mine.cuts, Cut(of_span, one, other)], mine.calibrations)
    return rules


def narrowed(station: int, number: int, span: Span) -> Span:
    """Return a span of a treated field without what is set aside as a whole at either end.

    A year that is set aside then takes no time to look through.
    """
    rules = rules_of({(station, number)}, span).get((station, number), Rules([], []))
    whole = sorted(cut.span for cut in rules.cuts if cut.below is None and cut.above is None)
    start_ms, end_ms = span
    for cut in whole:
        start_ms = cut.end_ms if cut.start_ms <= start_ms < cut.end_ms else start_ms
    for cut in sorted(whole, key=lambda each: -each.end_ms):
        end_ms = cut.start_ms if cut.start_ms < end_ms <= cut.end_ms else end_ms
    return Span(start_ms, max(start_ms, end_ms))


def hull(spans: Iterable[Span]) -> Span:
    """Return the span from the first start to the last end."""
    every = list(spans)
    return Span(min((each.start_ms for each in every), default=0), max((each.end_ms for each in every), default=0))


def _by_field(parts: dict[int, str], default: str) -> str:
    each = " ".join(f"WHEN {number:d} THEN {part}" for number, part in parts.items())
    return f"CASE field {each} ELSE {default} END" if parts else default


def _value(rules: Rules, span: Span) -> str:
    pieces = [(each.span, _calibrated(each)) for each in rules.calibrations]
    return _tree(list(_steps(pieces, "value")))


def _calibrated(each: Calibration) -> str:
    within = f"value = 0 OR abs(value) BETWEEN {_number(SMALLEST)} AND {_number(LARGEST)}"
    corrected = f"(value * {_number(each.factor)} + {_number(each.offset)})"
    if each.is_direction:
        circle = _number(FULL_CIRCLE)
        corrected = (
            f"CASE WHEN {corrected} > {circle} THEN {corrected} - {circle}"
            f" WHEN {corrected} < 0 THEN {corrected} + {circle} ELSE {corrected} END"
        )
    return f"CASE WHEN {within} THEN {corrected} ELSE value END"


def _keep(rules: Rules, span: Span) -> str:
    return _tree(list(_steps(list(_apart(rules.cuts)), "TRUE")))


def _apart(cuts: Sequence[Cut]) -> Iterator[tuple[Span, str]]:
    """Yield spans that do not overlap, in order, each with the SQL condition of what it leaves."""
    starts, ends = dict[int, list[int]](), dict[int, list[int]]()
    for index, cut in enumerate(cuts):
        starts.setdefault(cut.span.start_ms, []).append(index)
        ends.setdefault(cut.span.end_ms, []).append(index)
    here: set[int] = set()
    for start_ms, end_ms in pairwise(sorted({*starts, *ends})):
        here = (here | {*starts.get(start_ms, ())}) - {*ends.get(start_ms, ())}
        if here:
            yield Span(start_ms, end_ms), _left([cuts[index] for index in here])


def _left(cuts: Sequence[Cut]) -> str:
    if any(cut.below is None and cut.above is None for cut in cuts):
        return "FALSE"
    below = [cut.below for cut in cuts if cut.below is not None]
    above = [cut.above for cut in cuts if cut.above is not None]
    conditions = [f"value >= {_number(max(below))}"] if below else []
    return " AND ".join([*conditions, *([f"value <= {_number(min(above))}"] if above else [])])


def _steps(pieces: Sequence[tuple[Span, LeafT]], default: LeafT) -> Iterator[tuple[int, LeafT]]:
    """Yield (start, leaf) for the whole of time: between the pieces, the leaf is the default."""
    at_ms = EVER.start_ms
    for span, leaf in pieces:
        if span.start_ms > at_ms:
            yield at_ms, default
        yield span.start_ms, leaf
        at_ms = span.end_ms
    yield at_ms, default


def _tree(steps: Sequence[tuple[int, str]]) -> str:
    """Return a CASE that finds the step of a moment by halves: a thousand steps take ten comparisons."""
    if len(steps) == 1:
        return steps[0][1]
    middle = len(steps) // 2
    first, second = _tree(steps[:middle]), _tree(steps[middle:])
    return f"CASE WHEN measured_at < {steps[middle][0]:d} THEN {first} ELSE {second} END"


def _number(value: float) -> str:
    return f"CAST('{value!r}' AS double precision)"
