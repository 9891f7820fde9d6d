"""Readings to store, column by column: objects for each of them take longer than their database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Self

from readings.ingest.reports import Measurement

RowKey = tuple[int, int, int]  # station, field, moment in Unix milliseconds


class Series(NamedTuple):
    """Readings of one field. Moments are Unix milliseconds."""

    moments_ms: list[int]
    values: list[float]


class Rows(NamedTuple):
    """Readings of one station, column by column. Moments are Unix milliseconds."""

    station: int
    fields: list[int]
    moments_ms: list[int]
    values: list[float]

    @classmethod
    def of(cls, station: int, measurements: Iterable[Measurement]) -> Self:
        rows = cls(station, [], [], [])
        for each in measurements:
            rows.add(each.field, each.measured_at_ms, float(each.value))
        return rows

    def add(self, field: int, moment_ms: int, value: float) -> None:
        self.fields.append(field)
        self.moments_ms.append(moment_ms)
        self.values.append(value)

    def measurements(self) -> Iterator[Measurement]:
        return map(Measurement, self.fields, self.moments_ms, self.values)

    def by_field(self) -> Iterable[tuple[int, Series]]:
        """Return the readings of each field, in their order."""
        numbers = [*dict.fromkeys(self.fields)]
        count, width = len(self.fields), len(numbers)
        if self.fields == (numbers * (count // (width or 1) + 1))[:count]:  # In turn, as boards report.
            _, _, moments_ms, values = self
            return [(number, Series(moments_ms[n::width], values[n::width])) for n, number in enumerate(numbers)]
        parts = {number: Series([], []) for number in numbers}
        for number, moment_ms, value in zip(self.fields, self.moments_ms, self.values, strict=True):
            parts[number].moments_ms.append(moment_ms)
            parts[number].values.append(value)
        return parts.items()


def by_station(rows: Mapping[RowKey, float]) -> list[Rows]:
    """Return readings as columns, in their order."""
    stations: dict[int, Rows] = {}
    for (station, field, moment_ms), value in rows.items():
        if station not in stations:
            stations[station] = Rows(station, [], [], [])
        stations[station].add(field, moment_ms, value)
    return list(stations.values())
