"""Readings from a CSV file: column by column, or row by row where a row has to be looked at."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress, islice
from typing import NamedTuple

from django.utils import timezone

from freetemp.fields import EPOCH, to_millis
from readings.calendar.local_time import CLOCK_TOLERANCE, LATEST
from readings.calendar.span import DAY_MS
from readings.files.csv_header import Column, Layout, read_header
from readings.files.csv_moments import OUT_OF_RANGE, parse_file_moment, parse_file_moments
from readings.files.csv_values import NO_READING, FileNumbers
from readings.files.double_hour import LocalClock, Refused, Row
from readings.ingest.rows import Rows
from stations.models import Station

READINGS_A_PART = 5_000
MOST_ROWS_A_PART = 50_000  # with those that are left out: whoever waits for the next part sees that it goes on
_SURELY_MS = 2 * DAY_MS  # From here on, every local clock shows 1970 or later.


class Part(NamedTuple):
    """Readings of some rows of a file, in their order, and what was refused of them."""

    readings: Rows
    refused: list[Refused]


class _Lines(NamedTuple):
    """Rows of cells with their lines in the file, then why the next line cannot be split into cells."""

    rows: list[list[str]]
    numbers: list[int]
    refused: list[Refused]


class ReadingsFile:
    """Iterates over a CSV file. Its header has `measured_at`, then a column per field: its name and perhaps its unit.

    `temperature [degC]` and `temperature` both name the field temperature; a Layout names other columns. A moment is
    local to the station, or to the layout's zone, if it has no offset. An empty cell is not a reading. Yields parts of
    some thousand readings, with a Refused for each value or row that cannot be stored, or of nothing if many rows are
    left out.
    """

    def __init__(
        self, station: Station, lines: Iterable[str], now: datetime | None = None, layout: Layout | None = None
    ) -> None:
        self.station, self.layout = station, layout or Layout()
        self.latest = min((now or timezone.now()) + CLOCK_TOLERANCE, LATEST)
        self.other_rows = 0  # The rows that `only` leaves out.
        rest = iter(lines)
        self.header = read_header(rest, station, self.layout)
        self.rows = csv.reader(rest, delimiter=self.header.delimiter)
        self._numbers = FileNumbers(self.header.delimiter)
        self._clock = LocalClock(self.layout.zone or station.zone)
        self._fields = [column.field.number for column in self.header.columns]

    def __iter__(self) -> Iterator[Part]:
        rows_a_part = max(READINGS_A_PART // len(self._fields), 1)
        while (lines := self._lines(rows_a_part)) is not None:
            yield self._at_once(lines) or self._one_by_one(self._clock.in_utc(self._rows(lines)))
        yield self._one_by_one(self._clock.end())

    def _lines(self, count: int) -> _Lines | None:
        """Return the next rows, or None at the end of the file."""
        lines, has_others, before = _Lines([], [], []), bool(self.header.only), self.rows.line_num
        try:
            for cells in islice(self.rows, MOST_ROWS_A_PART):
                if has_others and self._is_other(cells):
                    self.other_rows += 1
                    continue
                lines.rows.append(cells)
                lines.numbers.append(self.rows.line_num)
                if len(lines.rows) == count:
                    break
        except csv.Error as error:
            lines.refused.append(Refused(self.header.line + self.rows.line_num, str(error)))
        return lines if self.rows.line_num > before else None

    def _at_once(self, lines: _Lines) -> Part | None:
        """Return the readings of rows where nothing can be wrong with any, or None if each has to be looked at."""
        rows, width = lines.rows, len(self.header.titles)
        if lines.refused or {*map(len, rows)} != {width} or any(row[0][:1] == "#" for row in rows):
            return None
        sign = self._numbers.decimal_sign
        readings = self._readings(rows)
        if readings is None:
            self._numbers.decimal_sign = sign
            return None
        return Part(readings, [])

    def _readings(self, rows: Sequence[Sequence[str]]) -> Rows | None:
        moments = parse_file_moments([row[self.header.time] for row in rows])
        if moments is None:
            return None
        columns = [self._column(column, [row[column.index] for row in rows]) for column in self.header.columns]
        if None in columns:
            return None
        moments_ms = self._clock.at_once(moments)
        if moments_ms is None or not self._are_in_range(min(moments_ms), max(moments_ms)):
            return None
        width = len(columns)
        values: list[float | None] = [None] * (len(rows) * width)
        for at, column in enumerate(columns):
            values[at::width] = column or []
        every = moments_ms if width == 1 else [moment_ms for moment_ms in moments_ms for _ in columns]
        fields = self._fields * len(rows)
        if None in values:
            are_there = [value is not None for value in values]
            fields, every = [*compress(fields, are_there)], [*compress(every, are_there)]
        return Rows(self.station.pk, fields, every, [value for value in values if value is not None])

    def _column(self, column: Column, cells: Sequence[str]) -> list[float | None] | None:
        values = self._numbers.at_once(cells)
        if values is None or column.conversion is None:
            return values
        return [None if value is None else column.conversion.apply(value) for value in values]

    def _are_in_range(self, first_ms: int, last_ms: int) -> bool:
        return first_ms >= max(_SURELY_MS, self.station.raw_since_ms) and last_ms < to_millis(self.latest)

    def _one_by_one(self, rows: Iterable[Row | Refused]) -> Part:
        part = Part(Rows(self.station.pk, [], [], []), [])
        for row in rows:
            if isinstance(row, Refused):
                part.refused.append(row)
            elif problem := self._problem(row.moment):
                part.refused.append(Refused(row.line, self._of_time(problem)))
            else:
                self._add(row, part)
        return part

    def _add(self, row: Row, part: Part) -> None:
        at_ms = to_millis(row.moment)
        for column in self.header.columns:
            cell = row.cells[column.index].strip()
            if cell.lower() not in NO_READING:
                try:
                    part.readings.add(column.field.number, at_ms, self._value(cell, column))
                except ValueError as error:
                    part.refused.append(Refused(row.line, f"{column.field.name}: {error}"))

    def _value(self, cell: str, column: Column) -> float:
        value = self._numbers.value(cell)
        return value if column.conversion is None else column.conversion.apply(value)

    def _rows(self, lines: _Lines) -> Iterator[Row | Refused]:
        for cells, number in zip(lines.rows, lines.numbers, strict=True):
            line = self.header.line + number
            if self._is_no_data(cells):
                continue
            if not self._has_width(cells):
                yield Refused(line, f"{len(cells)} columns, {len(self.header.titles)} expected")
                continue
            try:
                yield Row(line, parse_file_moment(cells[self.header.time], self.layout.date_order), cells)
            except ValueError as error:
                yield Refused(line, self._of_time(str(error)))
        yield from lines.refused

    def _is_no_data(self, row: Sequence[str]) -> bool:
        """Tell whether a row is empty, a comment, or the header once more, as in files of InfluxDB."""
        return not any(row) or row[0].startswith("#") or [cell.strip() for cell in row] == self.header.titles

    def _has_width(self, row: Sequence[str]) -> bool:
        width = len(self.header.titles)
        return len(row) == width or (len(row) > width and not any(map(str.strip, row[width:])))

    def _is_other(self, row: Sequence[str]) -> bool:
        if all(row[index].strip() == value for index, value in self.header.only if index < len(row)):
            return False
        return self._has_width(row) and not self._is_no_data(row)

    def _of_time(self, problem: str) -> str:
        return f"{self.header.titles[self.header.time]}: {problem}"

    def _problem(self, moment: datetime) -> str:
        if moment < EPOCH:
            return OUT_OF_RANGE
        if moment > self.latest:
            return "it is in the future"
        if self.station.raw_since and moment < self.station.raw_since:
            return "older than what this server keeps"
        return ""
