"""Imports a file into a station: what the command and the admin's page have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, islice
from typing import Protocol

from readings.exports.lines import ExportFile
from readings.files.csv_header import MOST_LINES_BEFORE, Layout
from readings.files.csv_import import ReadingsFile
from readings.files.import_tally import OTHER_VALUES_NAMED, ImportTally
from readings.ingest.rows import Rows
from readings.ingest.store import Stored
from stations.models import Station

Planner = Callable[[Sequence[str]], Layout]
Taker = Callable[[Station, Rows], Stored]


class Witness(Protocol):
    """Somebody who is told of an import while it goes on. A sentence of many comes with its number, from 1 on."""

    def warn(self, sentence: str) -> None: ...
    def refuse(self, sentence: str, number: int) -> None: ...
    def contradict(self, sentence: str, number: int) -> None: ...
    def go_on(self, tally: ImportTally, bytes_read: int) -> None: ...


def import_file(file: ExportFile, station: Station, plan: Planner, take: Taker, witness: Witness) -> ImportTally:
    """Store a file's readings in parts, each in a transaction of its own, by the layout that `plan` finds in its head.

    Repeating it is harmless. Raises UnreadableFileError, LookupError for an unknown encoding, OSError, django.db.Error.
    """
    lines = iter(file)
    head = list(islice(lines, MOST_LINES_BEFORE + 1))
    tally = ImportTally(ReadingsFile(station, chain(head, lines), layout=plan(head)))
    for part in tally.file:
        for number, refused in enumerate(part.refused, tally.refused + 1):
            witness.refuse(str(refused), number)
        stored = take(station, part.readings)
        for number, other in enumerate(stored.other_values[: OTHER_VALUES_NAMED + 1], tally.other_values + 1):
            witness.contradict(tally.told(other), number)
        tally.count(part, stored)
        witness.go_on(tally, file.bytes_read)
    if file.warning:
        witness.warn(file.warning)
    return tally
