"""Readings from a CSV file, row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone

from freetemp.fields import EPOCH, to_millis
from readings.calendar.local_time import CLOCK_TOLERANCE
from readings.files.csv_header import Column, Layout, read_header
from readings.files.csv_moments import OUT_OF_RANGE, parse_file_moment
from readings.files.double_hour import Refused, Row, rows_in_utc
from readings.ingest.parsing import parse_decimal
from readings.ingest.reports import Measurement
from stations.models import Station

# What programs write where there was no reading.
NO_READING = frozenset({"", "-", "--", "---", "null", "none", "n/a", "unavailable", "unknown"})


class ReadingsFile:
    """Iterates over a CSV file. Its header has `measured_at`, then a column per field: its name and perhaps its unit.

    `temperature [degC]` and `temperature` both name the field temperature; a Layout names other columns. A moment is
    local to the station, or to the layout's zone, if it has no offset. An empty cell is not a reading. Yields a
    Measurement for each value, or a Refused if a value or a row cannot be stored.
    """

    def __init__(
        self, station: Station, lines: Iterable[str], now: datetime | None = None, layout: Layout | None = None
    ) -> None:
        self.station, self.layout = station, layout or Layout()
        self.latest = (now or timezone.now()) + CLOCK_TOLERANCE
        self.other_rows = 0  # The rows that `only` leaves out.
        rest = iter(lines)
        self.header = read_header(rest, station, self.layout)
        self.rows = csv.reader(rest, delimiter=self.header.delimiter)
        self._columns = [(each.index, each.field.number, each) for each in self.header.columns]
        self._decimal_sign = "." if self.header.delimiter == "," else ""

    def __iter__(self) -> Iterator[Measurement | Refused]:
        for row in rows_in_utc(self._rows(), self.layout.zone or self.station.zone):
            if isinstance(row, Refused):
                yield row
            elif problem := self._problem(row.moment):
                yield Refused(row.line, self._of_time(problem))
            else:
                yield from self._measurements(row)

    def _measurements(self, row: Row) -> Iterator[Measurement | Refused]:
        at_ms = to_millis(row.moment)
        for index, number, column in self._columns:
            cell = row.cells[index].strip()
            if cell.lower() not in NO_READING:
                try:
                    yield Measurement(number, at_ms, self._value(cell, column))
                except ValueError as error:
                    yield Refused(row.line, f"{column.field.name}: {error}")

    def _rows(self) -> Iterator[Row | Refused]:
        width, time = len(self.header.titles), self.header.time
        while (cells := self._next()) is not None:
            if isinstance(cells, Refused):
                yield cells
            elif len(cells) != width and (len(cells) < width or any(map(str.strip, cells[width:]))):
                yield Refused(self._line, f"{len(cells)} columns, {width} expected")
            elif self.header.only and self._is_other(cells):
                self.other_rows += 1
            else:
                try:
                    yield Row(self._line, parse_file_moment(cells[time], self.layout.date_order), cells)
                except ValueError as error:
                    yield Refused(self._line, self._of_time(str(error)))

    def _next(self) -> list[str] | Refused | None:
        """Return the next row with data, or why a line cannot be split into cells, or None at the end.

        InfluxDB repeats its header, and has comments.
        """
        try:
            return next((row for row in self.rows if not self._is_no_data(row)), None)
        except csv.Error as error:
            return Refused(self._line, str(error))

    def _is_no_data(self, row: list[str]) -> bool:
        if row and row[0] and row[0][0] != "#" and row[-1] != self.header.titles[-1]:
            return False  # As nearly always.
        if not any(row) or row[0].startswith("#"):
            return True
        return row[-1] == self.header.titles[-1] and [cell.strip() for cell in row] == self.header.titles

    @property
    def _line(self) -> int:
        return self.header.line + self.rows.line_num

    def _is_other(self, cells: list[str]) -> bool:
        return any(cells[index].strip() != value for index, value in self.header.only)

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

    def _value(self, cell: str, column: Column) -> float:
        """Return a value in the field's unit. A file has decimal commas only if no comma is between its columns."""
        sign = "," if "," in cell else "." if "." in cell else ""
        self._decimal_sign = self._decimal_sign or sign
        if self.header.delimiter != "," and sign:
            if sign != self._decimal_sign:
                raise ValueError(f"{cell} has a decimal “{sign}”, and rows before it have “{self._decimal_sign}”")
            cell = cell.replace(",", ".")
        value = parse_decimal(cell)
        return value if column.conversion is None else column.conversion.apply(value)
