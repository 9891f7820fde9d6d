"""Readings from a CSV file, row by row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from freetemp.fields import to_millis
from readings.calendar.local_time import CLOCK_TOLERANCE, parse_moment
from readings.ingest.parsing import parse_decimal
from readings.ingest.reports import Measurement
from stations.models import Field, Station

TIME_COLUMN = "measured_at"
_HEADER = re.compile(r"\s*(?P<name>.*?)\s*(?:\[(?P<unit>[^\]]*)\])?\s*")


class UnreadableFileError(ValueError):
    """The whole file is unreadable. The message says what was expected."""


@dataclass(frozen=True)
class Refused:
    """A value that was refused: its line in the file, and the reason."""

    line: int
    reason: str


class ReadingsFile:
    """Iterates over a CSV file. Its header has `measured_at`, then a column per field: its name and perhaps its unit.

    `temperature [degC]` and `temperature` both name the field temperature. A moment is ISO 8601 or Unix seconds. It is
    local to the station if it has no offset. An empty cell is not a reading. Yields a Measurement for each value, or a
    Refused if the value cannot be stored.
    """

    def __init__(self, station: Station, lines: Iterable[str], now: datetime | None = None) -> None:
        self.station = station
        self.latest = (now or timezone.now()) + CLOCK_TOLERANCE
        self.rows = csv.reader(lines)
        self.columns = self._columns(self._header())

    def __iter__(self) -> Iterator[Measurement | Refused]:
        while (row := self._next()) is not None:
            if isinstance(row, Refused):
                yield row
            elif len(row) != len(self.columns) + 1:
                yield self._refuse(f"{len(row)} columns, {len(self.columns) + 1} expected")
            else:
                yield from self._measurements(row[0], row[1:])

    def _measurements(self, time: str, cells: list[str]) -> Iterator[Measurement | Refused]:
        try:
            at_ms = to_millis(self._moment(time))
        except ValueError as error:
            yield self._refuse(f"{TIME_COLUMN}: {error}")
            return
        for field, cell in zip(self.columns, cells, strict=True):
            if cell.strip():
                try:
                    yield Measurement(field.number, at_ms, parse_decimal(cell.strip()))
                except ValueError as error:
                    yield self._refuse(f"{field.name}: {error}")

    def _next(self) -> list[str] | Refused | None:
        """Return the next line that is not empty, or why it cannot be split into cells, or None at the end."""
        try:
            return next((row for row in self.rows if row), None)
        except csv.Error as error:
            return self._refuse(str(error))

    def _refuse(self, reason: str) -> Refused:
        return Refused(self.rows.line_num, reason)

    def _moment(self, text: str) -> datetime:
        moment = parse_moment(text, self.station.zone)
        if moment > self.latest:
            raise ValueError("it is in the future")
        if self.station.raw_since and moment < self.station.raw_since:
            raise ValueError("older than what this server keeps")
        return moment

    def _header(self) -> list[str]:
        header = self._next()
        if not isinstance(header, list) or header[0].strip() != TIME_COLUMN:
            raise UnreadableFileError(
                f"The first line names the columns, {TIME_COLUMN} first, with commas between, in UTF-8."
            )
        return header[1:]

    def _columns(self, header: list[str]) -> list[Field]:
        fields = {field.name.casefold(): field for field in self.station.fields.all()}
        columns = []
        for title in header:
            name, unit = _HEADER.fullmatch(title).group("name", "unit")  # type: ignore[union-attr]
            # An export puts an apostrophe before a name that a spreadsheet would mistake for a formula.
            field = fields.get(name.casefold()) or fields.get(name.casefold().removeprefix("'"))
            if field is None:
                known = ", ".join(each.name for each in fields.values())
                raise UnreadableFileError(f"{self.station} has no field “{name}”: it has {known}. Add it in the admin.")
            if unit is not None and unit != field.unit:
                raise UnreadableFileError(f"“{title.strip()}” is not in {field.unit}, the unit of {field.name}.")
            columns.append(field)
        return columns
