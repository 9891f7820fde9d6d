"""Readings taken out of the database into a CSV file that import_readings takes back."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Count, Max, Min

from freetemp.csv_lines import harmless
from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.files.csv_header import TIME_COLUMN
from readings.models import Reading, ReadingQuerySet
from readings.models.stored_ahead import Moments
from stations.models import Field, Station

READINGS_A_CHUNK = 5_000
WIDEST_CHUNK_MS = 32 * 86_400_000  # The rollups of a chunk are made anew in one transaction.


@dataclass(frozen=True)
class Wanted:
    """The readings that somebody wants to remove: in a span, below or above a value, or named by their moments."""

    span: Span
    below: float | None = None
    above: float | None = None
    moments: Moments | None = None

    def of(self, field: Field) -> ReadingQuerySet:
        """Return the wanted raw readings of a field, in the order of time."""
        readings = Reading.objects.of(field).within(self.span).order_by("measured_at")
        if self.below is not None and self.above is not None:
            return readings.filter(value__lt=self.below) | readings.filter(value__gt=self.above)
        if self.below is not None:
            return readings.filter(value__lt=self.below)
        return readings if self.above is None else readings.filter(value__gt=self.above)

    def chunks(self, field: Field) -> Iterator[list[tuple[int, float]]]:
        """Yield what is there as lists of (Unix milliseconds, value), each list once the one before is gone."""
        named = set(self.moments.get(field.number, [])) if self.moments is not None else None
        start_ms = self.span.start_ms
        while found := list(self._from(field, start_ms)):
            start_ms = found[-1][0] + 1
            chunk = [each for each in found if named is None or each[0] in named]
            if chunk:
                yield chunk

    def _from(self, field: Field, start_ms: int) -> Iterator[tuple[int, float]]:
        rows = self.of(field).filter(measured_at__gte=start_ms).values_list("measured_at", "value")
        first_ms = None
        for moment, value in rows[:READINGS_A_CHUNK]:
            moment_ms = to_millis(moment)
            first_ms = moment_ms if first_ms is None else first_ms
            if moment_ms - first_ms >= WIDEST_CHUNK_MS:
                return
            yield moment_ms, value


@dataclass(frozen=True)
class Found:
    """What is there of a field: how many readings, their first and last moment, their lowest and highest value."""

    field: Field
    count: int
    first_at: datetime
    last_at: datetime
    low: float
    high: float


def look_up(fields: Sequence[Field], wanted: Wanted) -> list[Found]:
    """Return what is there of each field that has any of the wanted readings."""
    if wanted.moments is not None:
        every = [(field, [each for chunk in wanted.chunks(field) for each in chunk]) for field in fields]
        return [_found(field, rows) for field, rows in every if rows]
    found = []
    for field in fields:
        edges = Count("measured_at"), Min("measured_at"), Max("measured_at"), Min("value"), Max("value")
        names = ("count", "first", "last", "low", "high")
        row = wanted.of(field).order_by().aggregate(**dict(zip(names, edges, strict=True)))
        if row["count"]:
            found.append(Found(field, *row.values()))
    return found


def _found(field: Field, rows: list[tuple[int, float]]) -> Found:
    values = [value for _, value in rows]
    return Found(field, len(rows), from_millis(rows[0][0]), from_millis(rows[-1][0]), min(values), max(values))


class Bar(Protocol):
    def update(self, count: int) -> Any: ...


def usual_file(station: Station, now: datetime) -> Path:
    """Return the file for readings of a station that are removed now, unless another is named."""
    return Path(settings.VAR_DIR, "removed", f"station-{station.pk}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.csv")


def move_out(station: Station, found: Sequence[Found], wanted: Wanted, path: Path, bar: Bar) -> int:
    """Write the wanted readings into a new file, and remove each chunk once it is on the disk. Return how many.

    Interrupted, it leaves whole chunks, and can be run again. Raises OSError, GoneError or django.db.Error.
    """
    count = 0
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _written(path, [each.field for each in found]) as write:
        for field in (each.field for each in found):
            for chunk in wanted.chunks(field):
                write(field, chunk)
                count += ingest.remove_each(station, field.number, [moment_ms for moment_ms, _ in chunk])
                bar.update(len(chunk))
    return count


@contextmanager
def _written(path: Path, fields: Sequence[Field]) -> Iterator[Any]:
    with path.open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([TIME_COLUMN, *(harmless(f"{field.name} [{field.unit}]") for field in fields)])

        def write(field: Field, chunk: Sequence[tuple[int, float]]) -> None:
            """Write readings, one a row, and return once they are on the disk."""
            before, after = fields.index(field), len(fields) - fields.index(field) - 1
            for moment_ms, value in chunk:
                moment = from_millis(moment_ms).isoformat(timespec="milliseconds")
                rows.writerow([moment, *[""] * before, repr(value), *[""] * after])
            file.flush()
            os.fsync(file.fileno())

        yield write
