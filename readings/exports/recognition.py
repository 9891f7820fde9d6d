"""Which program wrote a file, and which of its columns become which fields of a station."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import prefetch_related_objects

from audit.deeds import record
from readings.exports.ambient import read_ambient
from readings.exports.davis import read_davis
from readings.exports.ecowitt import read_ecowitt
from readings.exports.export import Export, Format, Head
from readings.exports.long_form import read_home_assistant, read_opensensemap
from readings.exports.netatmo import read_netatmo
from readings.exports.thingspeak import read_thingspeak
from readings.exports.weewx import read_weewx
from readings.files.csv_header import (
    DELIMITERS,
    MOST_LINES_BEFORE,
    TIME_COLUMN,
    Layout,
    UnreadableFileError,
    cells_of,
    field_told,
)
from readings.files.titles import titled
from readings.foreign.fields import add_fields, stored_unit
from readings.foreign.upload import Known
from stations.models import Field, Station
from stations.quantities import QUANTITIES
from stations.units import conversion

OWN = "own"  # A file of no program that is known.
FORMATS: dict[str, tuple[str, Format]] = {
    "thingspeak": ("ThingSpeak", read_thingspeak),
    "weewx": ("WeeWX", read_weewx),
    "ecowitt": ("Ecowitt", read_ecowitt),
    "ambient": ("Ambient Weather", read_ambient),
    "davis": ("Davis WeatherLink", read_davis),
    "netatmo": ("Netatmo", read_netatmo),
    "homeassistant": ("Home Assistant", read_home_assistant),
    "opensensemap": ("openSenseMap", read_opensensemap),
}


@dataclass(frozen=True)
class Recognised:
    """A file's program, and what its header tells."""

    program: str
    delimiter: str
    export: Export


def recognised(lines: Sequence[str], only: str = "") -> Recognised | None:
    """Return what the first lines of a file tell, or None if no format knows its header. `only` is the key of one."""
    formats = [FORMATS[only]] if only else [*FORMATS.values()]
    for at, line in enumerate(lines[:MOST_LINES_BEFORE]):
        for delimiter in DELIMITERS:
            titles = cells_of(line, delimiter)
            if TIME_COLUMN in titles:
                return None
            below = cells_of(lines[at + 1], delimiter) if at + 1 < len(lines) else []
            for program, read in formats if len(titles) > 1 else []:
                if export := read(Head(titles, below)):
                    return Recognised(program, delimiter, export)
    return None


class Plan:
    """The columns of a recognised file for a station: those that have a field, and those that have none."""

    def __init__(self, found: Recognised, station: Station, layout: Layout) -> None:
        self.found, self.station, self.told = found, station, layout
        self.columns: dict[str, str] = {}  # A field's name with the unit of the file, by the column's title.
        self.missing: dict[str, Known] = {}
        self._find()

    def _find(self) -> None:
        self.columns, self.missing = {}, {}
        fields = list(self.station.fields.all())
        by_name = {field.name.casefold(): field for field in fields}
        taken = {field_told(told, by_name) for told in self.told.columns.values()}
        for title, known in self.found.export.columns.items():
            if title in self.told.columns or title in self.told.left_out:
                continue
            there = _field_of(known, fields)
            if there is None:
                self.missing[title] = known
            elif there not in taken and _fits(known, there):
                taken.add(there)
                self.columns[title] = titled(there.name, known.unit)

    def add_fields(self, *, is_dry: bool) -> list[Field]:
        """Add the fields that are missing, and return them. In a dry run, only this station's object gets them."""
        before = {field.number for field in self.station.fields.all()}
        keyed = {known.source or known.name: known for known in self.missing.values()}
        with transaction.atomic():
            add_fields(self.station.pk, keyed, are_asked_for=True)
            prefetch_related_objects([self.station], "fields")
            added = [str(field) for field in self.station.fields.all() if field.number not in before]
            record("fields added", station=self.station, details={"fields": added})
            transaction.set_rollback(is_dry)
        self._find()
        return [field for field in self.station.fields.all() if field.number not in before]

    @property
    def missing_names(self) -> str:
        return ", ".join(_named(known) for known in self.missing.values())

    def layout(self) -> Layout:
        """Return the layout of the file. What a person has told goes before what the header tells."""
        export, told = self.found.export, self.told
        if not self.columns and not told.columns:
            raise UnreadableFileError(
                f"This is a file of {self.found.program}, and {self.station} has no field for"
                f" {self.missing_names or 'any of its columns'}. Add fields by --add-fields, or name columns, such as"
                f" --column {next(iter(self.missing), 'temperature')}=temperature."
            )
        return replace(
            told,
            time_column=told.time_column or export.time_column,
            columns={**self.columns, **told.columns},
            only={**export.only, **told.only},
            delimiter=told.delimiter or self.found.delimiter,
            date_order=told.date_order or export.date_order,
        )


def _field_of(known: Known, fields: Iterable[Field]) -> Field | None:
    """Return the field that the same device fills, or the one of this name. Rain since the last row is no total."""
    kind = QUANTITIES[known.quantity].kind
    alike = [each for each in fields if QUANTITIES[each.quantity].kind == kind]
    by_source = (each for each in alike if known.source and each.source == known.source)
    names = {known.name.casefold(), *(f"{known.name.casefold()} ({n})" for n in range(2, 10))}  # as add_fields() does
    by_name = (each for each in alike if each.name.casefold() in names)
    return next(by_source, None) or next(by_name, None)


def _fits(known: Known, there: Field) -> bool:
    return not known.unit or known.unit == there.unit or conversion(known.unit, there.unit) is not None


def _named(known: Known) -> str:
    return titled(known.name, stored_unit(known))
