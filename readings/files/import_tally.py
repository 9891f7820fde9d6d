"""What an import did with a file, as sentences, and a dry run that stores nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from freetemp.fields import from_millis
from readings import ingest
from readings.files.csv_header import Column
from readings.files.csv_import import Part, ReadingsFile
from readings.files.titles import title_of
from readings.ingest.rows import Rows, Series
from readings.ingest.store import OtherValue, Stored
from stations.models import Field, Station

OTHER_VALUES_NAMED = 10
NO_READING_BELOW = -900  # Loggers write -999, -9999 or -32768 where a sensor did not answer.


@dataclass
class FieldTally:
    """The values of one field: how many, the smallest and largest, and those outside its plausible limits."""

    values: int = 0
    smallest: float = float("inf")
    largest: float = float("-inf")
    implausible: int = 0
    example: tuple[int, float] | None = None  # its moment and value

    def count(self, series: Series, of: Field) -> None:
        """Count readings of the field."""
        smallest, largest = min(series.values), max(series.values)
        self.values += len(series.values)
        self.smallest, self.largest = min(self.smallest, smallest), max(self.largest, largest)
        if not (of.is_plausible(smallest) and of.is_plausible(largest)):
            implausible = [each for each in zip(*series, strict=True) if not of.is_plausible(each[1])]
            self.implausible += len(implausible)
            self.example = self.example or implausible[0]


@dataclass
class ImportTally:
    """Counts what became of a file's values."""

    file: ReadingsFile
    new: int = 0
    repeats: int = 0
    other_values: int = 0
    refused: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    fields: dict[int, FieldTally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = {column.field.number: column for column in self.file.header.columns}
        self.fields = {number: FieldTally() for number in self.columns}

    def count(self, part: Part, stored: Stored) -> None:
        self.refused += len(part.refused)
        self.new += stored.new
        self.repeats += stored.repeats
        self.other_values += len(stored.other_values)
        for number, series in part.readings.by_field():
            self.fields[number].count(series, self.columns[number].field)
        if moments_ms := part.readings.moments_ms:
            first_ms, last_ms = min(moments_ms), max(moments_ms)
            self.first_ms = first_ms if self.first_ms is None else min(self.first_ms, first_ms)
            self.last_ms = last_ms if self.last_ms is None else max(self.last_ms, last_ms)

    def told(self, other: OtherValue) -> str:
        """Return a sentence about a value that contradicts a stored one."""
        name = self.columns[other.measurement.field].field.name
        return (
            f"{self.moment(other.measurement.measured_at_ms)} {name}: {other.measurement.value!r} in the file,"
            f" {other.stored!r} is there already and stays"
        )

    def moment(self, moment_ms: int) -> str:
        return from_millis(moment_ms).astimezone(self.file.station.zone).isoformat(timespec="seconds")

    def sentences(self) -> Iterator[str]:
        """Yield a line for each field, and what the file has beside the readings."""
        for number, tally in self.fields.items():
            yield self._of_field(self.columns[number], tally)
            yield from self._warnings_of(self.columns[number], tally)
        if self.first_ms is not None and self.last_ms is not None:
            yield f"From {self.moment(self.first_ms)} to {self.moment(self.last_ms)}."
        if left_out := self.file.header.left_out:
            yield f"Columns left out: {', '.join(left_out)}."
        if self.file.other_rows:
            yield f"Rows left out by --only: {self.file.other_rows}."

    def warnings(self) -> Iterator[str]:
        """Yield only what sentences() say of values that may be wrong."""
        for number, tally in self.fields.items():
            yield from self._warnings_of(self.columns[number], tally)

    def _of_field(self, column: Column, tally: FieldTally) -> str:
        name = title_of(column.field)
        source = "" if column.title in (name, column.field.name) else f", from “{column.title}”"
        source += ", converted" if column.conversion else ""
        span = f" from {short(tally.smallest)} to {short(tally.largest)}" if tally.values else ""
        return f"{name}: {counted(tally.values, 'value')}{span}{source}."

    def _warnings_of(self, column: Column, tally: FieldTally) -> Iterator[str]:
        if tally.example is not None:
            limits = f"{_limit(column.field.smallest)} to {_limit(column.field.largest)}"
            moment_ms, value = tally.example
            yield (
                f"Warning: {counted(tally.implausible, 'value')} of {column.field.name} outside its plausible limits,"
                f" {limits}, such as {short(value)} at {self.moment(moment_ms)}."
                " They are marked, and are left out of means. Is the unit right?"
            )
        if tally.smallest < NO_READING_BELOW:
            yield (
                f"Values such as {short(tally.smallest)} stand for no reading in many programs: once they are stored,"
                f" `python manage.py remove_readings {self.file.station.pk} --field {column.field.number} --below"
                f" {NO_READING_BELOW}` takes them out."
            )

    def last_line(self, *, is_dry: bool) -> str:
        stored = "would be stored" if is_dry else "stored"
        counts = (
            f"{self.new} {stored}, {self.repeats} there already, {self.other_values} there with another value,"
            f" {self.refused} refused."
        )
        return f"{self.file.station}: {counts}{' Nothing was stored: this was a dry run.' if is_dry else ''}"

    def problems(self) -> list[str]:
        """Return what somebody may have to do about the file, as sentences."""
        problems = []
        if self.refused:
            problems.append(f"{self.refused} refused: correct them in the file and import it again, nothing doubles.")
        if self.other_values:
            problems.append(
                f"{self.other_values} there with another value, which stays: if the file is right, take the stored"
                " readings out by remove_readings, and import it again."
            )
        return problems


class DryRun:
    """Takes measurements like ingest.store_and_compare(), and stores nothing.

    It remembers them in a temporary database, whose file has no name: a file may repeat itself after a million rows.
    """

    def __init__(self) -> None:
        self._seen = sqlite3.connect("", isolation_level=None)
        self._seen.execute("CREATE TABLE seen (field, moment_ms, value, PRIMARY KEY (field, moment_ms)) WITHOUT ROWID")

    def __call__(self, station: Station, readings: Rows) -> Stored:
        measurements = [*readings.measurements()]
        find = "SELECT value FROM seen WHERE field = ? AND moment_ms = ?"
        rows = {each[:2]: self._seen.execute(find, each[:2]).fetchone() for each in measurements}
        before = {moment: row[0] for moment, row in rows.items() if row is not None}
        self._seen.execute("BEGIN")
        self._seen.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", measurements)
        self._seen.execute("COMMIT")
        return ingest.compare(station, measurements, before)


def short(value: float) -> str:
    """Return a value without the digits that only a computer sees."""
    return f"{value:.10g}"


def _limit(value: float | None) -> str:
    return "any" if value is None else short(value)


def counted(number: int, name: str) -> str:
    """Return a number with its noun, in the plural unless it is one."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
