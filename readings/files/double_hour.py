"""Local moments of a file in UTC. In autumn an hour occurs twice: the order of the rows tells its two runs apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from freetemp.fields import EPOCH, MILLISECOND, from_millis
from readings.calendar.span import HOUR_MS
from readings.files.csv_moments import Moments

MOST_ROWS = 100_000
LONGEST_STEPS = 2  # The second run follows the first: a longer pause between them is a row out of place, or an outage.
_QUARTER = timedelta(minutes=15)
_EPOCH = EPOCH.replace(tzinfo=None)


@dataclass(frozen=True)
class Refused:
    """A value or a row that was refused: its line in the file, and the reason."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class Row(NamedTuple):
    """A row of a file. Its moment is local to a zone if it is naive."""

    line: int
    moment: datetime
    cells: list[str]


class LocalClock:
    """Turns a file's rows, which are in order, into rows with moments in UTC.

    A local moment that the zone skips is refused. One that it has twice is the first or the second as the rows around
    it say: where the time goes back, or forth in a file that begins with the newest row, the other run begins. If the
    rows do not tell, they are refused.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._block = _Block(zone)

    def in_utc(self, rows: Iterable[Row | Refused]) -> Iterator[Row | Refused]:
        """Yield the rows in their order. Those of a double hour come with a later row, or at the end."""
        block, zone = self._block, self.zone
        for row in rows:
            if isinstance(row, Refused):
                yield from block.pass_on(row)
            elif row.moment.tzinfo is not None:
                if block.is_open:
                    yield from block.end(row.moment)
                block.before = row.moment
                yield Row(row.line, row.moment.astimezone(UTC), row.cells)
            elif (offset := _offset(row.moment, zone)) is not None:
                moment = (row.moment - offset).replace(tzinfo=UTC)
                if block.is_open:
                    yield from block.end(moment)
                block.before = moment
                yield Row(row.line, moment, row.cells)
            elif _is_skipped(row.moment, zone):
                reason = f"{_text(row.moment)} does not exist in {zone.key}: the clocks skip it"
                yield from block.pass_on(Refused(row.line, reason))
            else:
                yield from block.add(row)

    def end(self) -> Iterator[Row | Refused]:
        yield from self._block.end(None)

    def at_once(self, moments: Moments) -> list[int] | None:
        """Return the moments of whole rows in UTC, or None if one is in an hour in which the clocks are set."""
        moments_ms = moments.ms
        if self._block.is_open:
            return None
        if moments.are_local:
            hours = {each // HOUR_MS for each in moments_ms}
            offsets_ms = {hour: offset for hour in hours if (offset := _offset_ms(hour, self.zone)) is not None}
            if len(offsets_ms) < len(hours):
                return None
            moments_ms = [each - offsets_ms[each // HOUR_MS] for each in moments_ms]
        self._block.before = from_millis(moments_ms[-1])
        return moments_ms


class _Block:
    """Consecutive rows in an hour that occurs twice, kept until the next row of another time tells their order."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.rows: list[Row] = []
        self.before: datetime | None = None  # The moment of the last row before the block.
        self.is_full = False
        self.refused: list[Refused] = []  # Rows between those of the block: they are named in the file's order.

    @property
    def is_open(self) -> bool:
        """Tell whether the next row of another time ends it. Nearly no row does, and a file has millions."""
        return bool(self.rows) or self.is_full

    def pass_on(self, row: Refused) -> Iterator[Refused]:
        """Yield a refused row, now or in its place among those that are kept."""
        if self.rows and len(self.refused) < MOST_ROWS:
            self.refused.append(row)
        else:
            yield row

    def add(self, row: Row) -> Iterator[Row | Refused]:
        """Keep a row. Yields refusals if there are more rows than a double hour may have."""
        if self.rows and abs(row.moment - self.rows[0].moment) > timedelta(days=1):
            yield from self.end(None)  # The double hour of another year.
        self.rows.append(row)
        if len(self.rows) > MOST_ROWS:
            self.is_full = True
        if self.is_full:
            yield from self._in_order(self._refused())

    def end(self, after: datetime | None) -> Iterator[Row | Refused]:
        if self.rows:
            yield from self._in_order(self._settled(after))
        self.rows, self.is_full = [], False
        self.before = after

    def _in_order(self, rows: Iterator[Row | Refused]) -> Iterator[Row | Refused]:
        if self.refused:
            rows = iter(sorted([*rows, *self.refused], key=lambda row: row.line))
        self.refused = []
        yield from rows

    def _settled(self, after: datetime | None) -> Iterator[Row | Refused]:
        runs = self._runs(after)
        if runs is None:
            yield from self._refused()
            return
        for row, fold in zip(self.rows, runs, strict=True):
            yield row._replace(moment=_utc(row.moment, self.zone, fold))

    def _runs(self, after: datetime | None) -> list[int] | None:
        """Return 0 for each row of the first run and 1 for each of the second, or None if that cannot be told."""
        moments = [row.moment for row in self.rows]
        direction = self._direction(moments, after)
        steps = [_sign(later - earlier) for earlier, later in pairwise(moments)]
        turns = [at for at, step in enumerate(steps, 1) if step == -direction]
        if len(moments) == 2 and steps == [0]:
            turns = [1]  # A reading an hour: its local time comes twice.
        if not direction or len(turns) != 1:
            return None
        first, second = (0, 1) if direction > 0 else (1, 0)
        runs = [first] * turns[0] + [second] * (len(moments) - turns[0])
        return runs if self._is_even(runs, turns[0], after) else None

    def _direction(self, moments: Sequence[datetime], after: datetime | None) -> int:
        """Return 1 if the rows go forth in time, -1 if they go back, 0 if neither."""
        around = set()
        if self.before is not None:
            around.add(_sign(_utc(moments[0], self.zone, 0) - self.before))
        if after is not None:
            around.add(_sign(after - _utc(moments[-1], self.zone, 0)))
        if not around:
            return _sign(sum((_sign(later - earlier) for earlier, later in pairwise(moments)), 0))
        return around.pop() if len(around) == 1 else 0

    def _is_even(self, runs: Sequence[int], turn: int, after: datetime | None) -> bool:
        """Tell whether the time between the two runs is like that between other rows here."""
        moments = [_utc(row.moment, self.zone, run) for row, run in zip(self.rows, runs, strict=True)]
        steps = [abs(later - earlier) for earlier, later in pairwise(moments)]
        between = steps.pop(turn - 1)
        steps += [abs(moments[0] - self.before)] if self.before is not None else []
        steps += [abs(after - moments[-1])] if after is not None else []
        return not steps or between <= LONGEST_STEPS * max(steps)

    def _refused(self) -> Iterator[Refused]:
        for row in self.rows:
            example = row.moment.replace(tzinfo=self.zone).isoformat()
            reason = (
                f"{_text(row.moment)} occurs twice in {self.zone.key}, and the order of the rows does not tell which"
                f" it is: write it with its offset, like {example}"
            )
            yield Refused(row.line, reason)
        self.rows = []


def _sign(number: timedelta | int) -> int:
    zero = type(number)()
    return (number > zero) - (number < zero)  # type: ignore[operator]


def _text(moment: datetime) -> str:
    return moment.isoformat(sep=" ")


def _utc(moment: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return moment.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    """Return the offset of a local moment, or None if it has two or none."""
    common = _offset_of_hour(moment.replace(minute=0, second=0, microsecond=0), zone)
    if common is not None:
        return common
    first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first if first == second else None


def _is_skipped(moment: datetime, zone: ZoneInfo) -> bool:
    return _utc(moment, zone, 0).astimezone(zone).replace(tzinfo=None) != moment


def _offset_ms(hour: int, zone: ZoneInfo) -> int | None:
    """Return the offset of a local hour by its number since 1970."""
    offset = _offset_of_hour(_EPOCH + timedelta(hours=hour), zone)
    return None if offset is None else offset // MILLISECOND


@lru_cache(maxsize=1024)
def _offset_of_hour(hour: datetime, zone: ZoneInfo) -> timedelta | None:
    """Return the offset of a whole local hour, or None if it changes within. Files have many rows an hour."""
    moments = [hour + _QUARTER * quarter for quarter in range(4)] + [hour + timedelta(minutes=59, seconds=59)]
    offsets = {moment.replace(tzinfo=zone, fold=fold).utcoffset() for moment in moments for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None
