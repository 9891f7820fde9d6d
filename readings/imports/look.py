"""A look at a file before it is imported: its first rows as they would be stored. Nothing is stored for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from readings.exports.lines import ExportFile
from readings.files.csv_header import UnreadableFileError
from readings.files.csv_import import Part, ReadingsFile
from readings.files.import_tally import ImportTally, short
from readings.files.titles import title_of
from readings.imports.choices import Choices
from readings.imports.plan import FilePlan, plan_file
from readings.imports.words import on_page
from readings.ingest.store import Stored
from stations.models import Station

MOST_BYTES = 4_000_000
MOST_LINES = 300
ROWS_SHOWN, REASONS_SHOWN = 8, 5


@dataclass
class Look:
    """A file as the page shows it. `problem` is a sentence if it cannot be imported with these choices."""

    plan: FilePlan | None = None
    problem: str = ""
    fields: Sequence[str] = ()
    rows: Sequence[tuple[str, Sequence[str]]] = ()  # a moment in the station's zone, and a text for each field
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return self.plan is not None and not self.problem


def look_at(path: Path, station: Station, choices: Choices) -> Look:
    """Return a file's plan and first rows. The station's object may get fields that it lacks."""
    look = Look()
    try:
        with ExportFile(path, choices.encoding, MOST_BYTES) as file:
            lines = list(_first(file))
        look.plan = plan_file(lines, station, choices, is_dry=True)
        _fill(look, ReadingsFile(station, lines, layout=look.plan.layout))
    except UnreadableFileError as error:
        look.problem = on_page(str(error))
    except OSError:
        look.problem = "The file is no longer on this server. Send it again."
    return look


def _first(file: ExportFile) -> Iterator[str]:
    length = 0
    for line in islice(file, MOST_LINES):
        yield line
        length += len(line)
        if length > MOST_BYTES:
            return


def _fill(look: Look, file: ReadingsFile) -> None:
    tally, moments = ImportTally(file), dict[int, dict[int, float]]()
    for part in file:
        tally.count(part, Stored())
        look.refused += [on_page(str(each)) for each in part.refused[: REASONS_SHOWN - len(look.refused)]]
        _add(moments, part)
    columns = file.header.columns
    look.fields = [title_of(each.field) for each in columns]
    numbers = [each.field.number for each in columns]
    look.rows = [
        (tally.moment(moment_ms), [short(values[number]) if number in values else "" for number in numbers])
        for moment_ms, values in moments.items()
    ]
    look.warnings = [on_page(each) for each in tally.warnings()]
    if not look.rows and not look.refused:
        look.warnings.append("None of the first rows has a reading.")


def _add(moments: dict[int, dict[int, float]], part: Part) -> None:
    for each in part.readings.measurements():
        if each.measured_at_ms in moments or len(moments) < ROWS_SHOWN:
            moments.setdefault(each.measured_at_ms, {}).setdefault(each.field, each.value)
