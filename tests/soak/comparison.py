"""The comparison at the end: everything that was answered with everything that is stored, and with what pages show."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.crash.books import Books
from tests.soak.ledger import Attempt, Fate, Reading

if TYPE_CHECKING:
    from tests.soak.boards import SimulatedBoard
    from tests.soak.soak import Soak
    from tests.soak.visitors import Visitor

SLACK_MS = 100  # A value takes the next free millisecond, and gives way by some.
AHEAD_S = 5
LATE_S = 300  # A clock may be set back by less without a mend.
FRESH = 8


class Comparison:
    """Reads the database once. `faults()` yields a sentence for each difference."""

    def __init__(self, soak: Soak) -> None:
        self.soak, self.ledger = soak, soak.ledger
        self.books = Books()
        self.books.read()
        self.moments: dict[tuple[int, int, float], list[int]] = defaultdict(list)
        for station, number, ms, value in self.books.rows:
            self.moments[station, number, value].append(ms)
        self.ahead: set[tuple[int, int, int]] = set()  # rows that the server's clock has dated ahead

    def faults(self, simulated: SimulatedBoard | None) -> Iterator[str]:
        known = {self.soak.simulated}
        for reading in self.ledger.readings.values():
            yield from self._of_reading(reading)
        for (station, number, value), moments in self.moments.items():
            if (station, number, value) not in self.ledger.readings and station not in known:
                yield f"{value} of field {number} of station {station} was never sent, and is there at {moments}"
        yield from self.books.rollup_faults()
        yield from self._of_newest()
        if simulated:
            yield from self._of_simulated(simulated)

    def _of_reading(self, reading: Reading) -> Iterator[str]:
        found = self.moments.get(reading.key, [])
        asked = "; ".join(
            f"{_iso(began * 1000)[11:]} to {_iso(ended * 1000)[11:]}" for began, ended in reading.attempts
        )
        name = f"{reading.value} of field {reading.field} of station {reading.station}, which {reading.fate.value}"
        name += f" ({asked})" if asked else ""
        if reading.station in self.ledger.gone:
            if found:
                yield f"{name} is there, and its station was deleted"
        elif len(found) > 1:
            yield f"{name} is stored {len(found)} times"
        elif reading.fate is Fate.STORED and not found:
            yield f"{name} is not there"
        elif reading.fate in (Fate.NOWHERE, Fate.REMOVED) and found:
            yield f"{name} is there"
        elif found and not any(self._fits(reading, attempt, found[0]) for attempt in reading.attempts):
            offsets = [self.soak.clock.offsets(*attempt) for attempt in reading.attempts]
            yield f"{name} is there at {_iso(found[0])}: offsets {offsets} and {reading.measured_s} do not explain it"

    def _fits(self, reading: Reading, attempt: Attempt, ms: int) -> bool:
        """Tell whether an attempt explains a moment, whatever the server's clock said then."""
        if reading.is_exact and reading.measured_s is not None:
            return abs(ms - round(reading.measured_s * 1000)) <= SLACK_MS
        began_s, took_s = attempt.began_s, attempt.ended_s - attempt.began_s
        earliest_s = began_s if reading.measured_s is None else reading.measured_s
        for offset_s in self.soak.clock.offsets(began_s, attempt.ended_s):
            first_ms = (earliest_s + offset_s) * 1000
            if first_ms - SLACK_MS <= ms <= first_ms + took_s * 1000 + SLACK_MS:
                if offset_s > AHEAD_S:
                    self.ahead.add((reading.station, reading.field, ms))
                return True
        return False

    def _of_newest(self) -> Iterator[str]:
        """The newest value is a stored one, and no reading is later but for those that a clock has dated ahead."""
        from freetemp.fields import to_millis
        from stations.models import Field

        rows = {row[:3]: row[3] for row in self.books.rows}
        latest: dict[tuple[int, int], int] = defaultdict(int)
        for station, number, ms in rows:
            if (station, number, ms) not in self.ahead:
                latest[station, number] = max(latest[station, number], ms)
        for field in Field.objects.exclude(newest_at=None):
            key = (field.station_id, field.number)
            ms = to_millis(field.newest_at)
            if rows.get((*key, ms)) != field.newest_value:
                yield f"field {key} says {field.newest_value} at {_iso(ms)} is its newest, and there is no such reading"
            if key[0] != self.soak.simulated and latest.pop(key, 0) > ms + LATE_S * 1000:
                yield f"field {key} says its newest is of {_iso(ms)}, and a later one is there"
        gone = self.soak.simulated
        yield from (f"field {key} says that it has no newest" for key, ms in latest.items() if key[0] != gone and ms)

    def _of_simulated(self, board: SimulatedBoard) -> Iterator[str]:
        """The board counts what it measures: as many are stored, but for what it dated anew or lost with its power.

        It dates in whole seconds, by answers that may be late: a second that comes again with the same value is known.
        """
        from readings.models import Boot

        seqs = Boot.objects.filter(station=board.station).values_list("seq", flat=True)
        counted, stored = sum(seqs), sum(row[0] == board.station for row in self.books.rows)
        refused, known = board.said_of("refused"), board.said_of("known already")
        if not 0 <= counted - stored - refused <= FRESH * board.cuts + known:
            yield (
                f"the simulated board has counted {counted} readings, {stored} are stored, {refused} were refused, "
                f"{known} known already, and its power was cut {board.cuts} times"
            )


def page_faults(soak: Soak, visitor: Visitor) -> Iterator[str]:
    """Compare the files and the API with the stored readings, while the server runs and nobody reports."""
    books = Books()
    books.read()
    rows: dict[int, dict[tuple[int, str], float]] = defaultdict(dict)
    for station, number, ms, value in books.rows:
        rows[station][number, _iso(ms)] = value
    for station in soak.stations:
        yield from _file_faults(visitor, station, rows[station])
        yield from _day_faults(books, visitor, station)
    yield from _newest_faults(visitor)


def _file_faults(visitor: Visitor, station: int, rows: dict[tuple[int, str], float]) -> Iterator[str]:
    answer = visitor.look(f"/stations/{station}/readings.csv?period=all")
    table = csv.reader(io.StringIO(answer.body.decode()))
    names = next(table, [])
    told = {}
    for line in table:
        moment = _iso(datetime.fromisoformat(line[0]).timestamp() * 1000)
        for name, cell in zip(names[1:], line[1:], strict=True):
            if cell:
                told[_number(name), moment] = float(cell)
    if told != rows:
        different = sorted(map(str, set(told.items()) ^ set(rows.items())))
        yield f"readings.csv of station {station} differs from what is stored in {len(different)}: {different[:4]}"


def _number(column: str) -> int:
    words = column.split()
    return int(words[1]) if words[0] == "field" else 1


def _day_faults(books: Books, visitor: Visitor, station: int) -> Iterator[str]:
    """Compare the days of half a year, as the API tells them, with the readings."""
    lows_and_highs = {
        start: (min(values), max(values))
        for (of, number, start), values in books.days().items()
        if of == station and number == 1
    }
    if not lows_and_highs:
        return
    start, end = min(lows_and_highs) // 1000, max(lows_and_highs) // 1000 + 86_400
    if end - start < 101 * 86_400:
        return
    answer = visitor.look(f"/api/v1/stations/{station}/series/?field=1&start={start}&end={end}&points=2000")
    told = json.loads(answer.body)
    if told["step_s"] != 86_400:
        return
    columns = zip(told["time"], told["min"], told["max"], strict=True)
    shown = {int(at * 1000): (low, high) for at, low, high in columns if low is not None}
    if shown != lows_and_highs:
        different = sorted(map(str, set(shown.items()) ^ set(lows_and_highs.items())))
        yield f"the API's days of station {station} differ from the readings: {different[:4]}"


def _newest_faults(visitor: Visitor) -> Iterator[str]:
    from stations.models import Field

    told: Any = json.loads(visitor.look("/api/v1/stations/").body)
    stations = told["results"] if isinstance(told, dict) else told
    shown = {(each["id"], field["number"]): field for each in stations for field in each["fields"]}
    for field in Field.objects.exclude(newest_at=None).select_related("station"):
        api = shown.get((field.station_id, field.number))
        if api is None or api["newest"]["value"] != field.newest_value:
            yield f"the API says {api} of field {field.number} of station {field.station_id}: {field.newest_value}"


def _iso(ms: float) -> str:
    return datetime.fromtimestamp(round(ms) / 1000, UTC).isoformat(timespec="milliseconds")
