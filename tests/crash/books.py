"""Compares the clients' ledgers with the stored readings."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from django.db import connection

from freetemp.fields import to_millis
from readings.models import Boot, Day, Quarter, Reading
from readings.models.rollup import Rollup
from stations.models import Field, Station
from tests.crash.client import LOST, NOT_SENT, Counting, Ledger, Single

QUARTER_S = 900
TOTALS = ("station_id", "field", "start", "count", "sum", "min", "max")

Row = tuple[int, int, int, float]  # station, field, moment in Unix milliseconds, value


@dataclass
class Books:
    """Everything stored, read once; `faults` has a sentence for each fault."""

    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    answered_ok: int = 0
    refused_and_stored: int = 0

    def read(self) -> None:
        rows = Reading.objects.values_list("station_id", "field", "measured_at", "value")
        self.rows = [(station, number, to_millis(at), value) for station, number, at, value in rows]
        self.found = Counter((station, number, value) for station, number, _, value in self.rows)

    def compare(self, ledgers: Iterable[Ledger]) -> None:
        expected: set[tuple[int, int, float]] = set()
        for ledger in ledgers:
            self.faults += ledger.complaints
            expected |= {self._compare_single(single) for single in ledger.singles}
            for counting in ledger.boots:
                expected |= self._compare_boot(counting)
        self.faults += [f"{each} was never sent" for each in self.found.keys() - expected]
        self.faults += [f"{each} is stored {times} times" for each, times in self.found.items() if times > 1]
        self.faults += [*self.rollup_faults(), *self._newest_faults()]

    def _compare_single(self, single: Single) -> tuple[int, int, float]:
        key = (single.station, single.field, single.value)
        is_there = key in self.found
        if single.outcome == 200:
            self.answered_ok += 1
            if not is_there:
                self.faults.append(f"{key} was answered OK and is not there")
        elif single.outcome == 503 and connection.vendor == "postgresql":
            # The database may have died between its commit and its answer: the server cannot know.
            self.refused_and_stored += is_there
        elif single.outcome != LOST and is_there:
            self.faults.append(f"{key} is there, and its answer was: {single.outcome}")
        elif single.outcome not in (LOST, NOT_SENT, 429, 503):
            self.faults.append(f"{key} was answered {single.outcome}")
        return key

    def _compare_boot(self, counting: Counting) -> set[tuple[int, int, float]]:
        """A boot is stored up to its last acknowledged reading, or to the end of a later report with a lost answer."""
        self.answered_ok += counting.settled
        keys = [(counting.station, number, value) for number, value, _ in counting.readings]
        there = [key in self.found for key in keys]
        length = sum(there)
        if not all(there[:length]) or length not in counting.tried | {counting.settled}:
            name = f"boot {counting.boot} of station {counting.station}"
            self.faults.append(f"{name}: {length} stored, {counting.settled} acknowledged, {counting.tried} tried")
        highest = Boot.objects.filter(station=counting.station, boot=counting.boot).values_list("seq", flat=True)
        if length and list(highest) not in ([length - 1], []):  # Only the last 64 boots of a station are kept.
            self.faults.append(f"boot {counting.boot} is counted up to {list(highest)} with {length} stored")
        return set(keys)

    def rollup_faults(self) -> Iterator[str]:
        yield from self._rollup_faults(Quarter)
        yield from self._rollup_faults(Day)

    def days(self) -> Mapping[tuple[int, int, int], list[float]]:
        """Return the plausible values of each station, field and local day, which is named by its beginning."""
        return self._totals(Day)

    def _rollup_faults(self, model: type[Rollup]) -> Iterator[str]:
        expected, kept = self._totals(model), {}
        for station, number, start, *total in model.objects.values_list(*TOTALS):
            kept[station, number, to_millis(start)] = total
        for key in expected.keys() | kept.keys():
            values = expected.get(key, [])
            told = kept.get(key)
            if not values or told is None or not _agree(told, values):
                yield f"{model.__name__} {key} is {told} of {len(values)} readings"

    def _totals(self, model: type[Rollup]) -> dict[tuple[int, int, int], list[float]]:
        zones = {station.pk: station.zone for station in Station.objects.all()}
        fields = {(each.station_id, each.number): each for each in Field.objects.all()}
        found = defaultdict(list)
        for station, number, ms, value in self.rows:
            if not fields[station, number].is_plausible(value):
                continue
            start_ms = ms - ms % (QUARTER_S * 1000)
            if model is Day:
                day = datetime.fromtimestamp(ms // 1000, zones[station]).date()
                start_ms = to_millis(datetime.combine(day, time(), zones[station]).astimezone(UTC))
            found[station, number, start_ms].append(value)
        return found

    def _newest_faults(self) -> Iterator[str]:
        newest: dict[tuple[int, int], tuple[int, float]] = {}
        for station, number, ms, value in self.rows:
            newest[station, number] = max(newest.get((station, number), (0, 0.0)), (ms, value))
        for each in Field.objects.exclude(newest_at=None):
            told = (to_millis(each.newest_at), each.newest_value)
            if told != newest.pop((each.station_id, each.number), None):
                yield f"field {each} of station {each.station_id} says {told} is its newest"
        yield from (f"field {key} does not say that {value} is its newest" for key, value in newest.items())


def _agree(told: list[float], values: list[float]) -> bool:
    count, total, smallest, largest = told
    exactly = (count, smallest, largest) == (len(values), min(values), max(values))
    return exactly and math.isclose(total, math.fsum(values), rel_tol=1e-9)
