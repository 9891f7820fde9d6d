"""The header of a CSV file: which column holds the moments, which ones are fields of the station, and in which unit."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from freetemp.command_line import typed
from freetemp.csv_lines import harmless
from readings.files.titles import title_of
from stations.models import Field, Station
from stations.units import Conversion, conversion, unit_named

TIME_COLUMN = "measured_at"
DELIMITERS = (",", ";", "\t", "|")
MOST_LINES_BEFORE = 50  # The header of Netatmo is in line 3, that of InfluxDB in line 4.
NOT_UTF_8 = "The first line is not UTF-8: save the file as UTF-8, or name its encoding, such as --encoding cp1252."
_TIME = re.compile("time|date|created|changed|start|zeit|datum", re.I)
_REPLACED = "\N{REPLACEMENT CHARACTER}"


class UnreadableFileError(ValueError):
    """The whole file is unreadable. The message says what was expected."""


@dataclass(frozen=True)
class Layout:
    """What a person says about a file: the names of its columns, and how it writes them."""

    time_column: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)  # A field's name, perhaps with a unit, by a column's.
    only: Mapping[str, str] = field(default_factory=dict)  # The value that a column has in the rows to import.
    left_out: Collection[str] = ()  # Columns that are not to be imported though they have a field's name.
    delimiter: str = ""
    date_order: str = ""
    zone: ZoneInfo | None = None


@dataclass(frozen=True)
class Column:
    """A column of values: where it is, what it is called, and how its values become the field's."""

    index: int
    title: str
    field: Field
    conversion: Conversion | None


@dataclass(frozen=True)
class Header:
    """The columns of a file. `line` is the header's own number."""

    line: int
    delimiter: str
    titles: list[str]
    time: int
    columns: list[Column]
    only: list[tuple[int, str]]

    @property
    def left_out(self) -> list[str]:
        used = {self.time, *(column.index for column in self.columns), *(index for index, _ in self.only)}
        return [title for index, title in enumerate(self.titles) if title and index not in used]


def read_header(lines: Iterator[str], station: Station, layout: Layout) -> Header:
    """Read a file's lines up to its header, which is the first with the time's column."""
    wanted, first = (layout.time_column or TIME_COLUMN).strip().casefold(), ""
    for number, line in enumerate(lines, 1):
        first = first or line.strip()
        split = [(each, cells_of(line, each)) for each in ([layout.delimiter] if layout.delimiter else DELIMITERS)]
        split = [(each, titles) for each, titles in split if wanted in map(str.casefold, titles)]
        if split:
            delimiter, titles = max(split, key=lambda each: len(each[1]))
            time = _only_index(titles, wanted)
            columns = sorted(_columns(titles, time, station, layout), key=lambda column: column.index)
            only = [(_only_index(titles, name), value) for name, value in layout.only.items()]
            return Header(number, delimiter, titles, time, columns, only)
        if number == MOST_LINES_BEFORE:
            break
    raise UnreadableFileError(_no_header(first, layout))


def _no_header(first: str, layout: Layout) -> str:
    if _REPLACED in first or "\0" in first:
        return NOT_UTF_8
    titles = max((cells_of(first, each) for each in DELIMITERS), key=len)
    if layout.time_column:
        wanted = f"No line of the first {MOST_LINES_BEFORE} names a column “{layout.time_column}”."
    else:
        wanted = f"The first line names the columns, and {TIME_COLUMN} is the one with the moments, in UTF-8."
    if not any(titles):
        return f"{wanted} This file has nothing in it."
    there = ", ".join(f"“{title[:60]}”" for title in titles[:20])
    likely = next(filter(is_about_time, titles), titles[0])
    return f"{wanted} Here it has {there}: name the one with the moments, such as --time-column {typed(likely[:60])}."


def is_about_time(title: str) -> bool:
    return _TIME.search(title) is not None


def cells_of(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line, or none if it cannot be split."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _only_index(titles: Sequence[str], wanted: str) -> int:
    """Return the column with this title or, without its unit, with this name."""
    folded = wanted.strip().casefold()
    found = [index for index, title in enumerate(titles) if title.casefold() == folded]
    found = found or [index for index, title in enumerate(titles) if _parts(title)[0].casefold() == folded]
    if not found and any(_REPLACED in title for title in titles):
        raise UnreadableFileError(NOT_UTF_8)
    if len(found) != 1:
        there = "is there twice" if found else "is not in the file"
        raise UnreadableFileError(f"A column “{wanted}” {there}: it has {', '.join(filter(None, titles))}.")
    return found[0]


def _columns(titles: Sequence[str], time: int, station: Station, layout: Layout) -> Iterator[Column]:
    """Yield the columns that were named, and those that have a field's name. Every field has one column at most."""
    fields = {each.name.casefold(): each for each in station.fields.all()}
    named = dict(_named(titles, station, layout, fields))
    taken = {column.field.number: column for column in named.values()}
    is_told = bool(layout.columns or layout.time_column)
    yield from named.values()
    for index, title in enumerate(titles):
        if index == time or index in named or title in layout.left_out:
            continue
        column = _by_name(index, title, fields)
        if column is None and not is_told:
            raise UnreadableFileError(
                f"{station} has no field “{_parts(title)[0]}”: it has {_names(fields)}. Add it in the admin, or name"
                " the columns to import, such as --column outdoor=temperature: the others are left out."
            )
        if column is not None and taken.setdefault(column.field.number, column) is column:
            yield column
        elif column is not None and (other := taken[column.field.number]).index not in named:
            both = f"“{other.title}” and “{title}” are both {column.field.name}"
            raise UnreadableFileError(f"{both}: remove one, or name the right one by --column.")
    if not taken:
        title = next((each for index, each in enumerate(titles) if index != time and each), "field1")
        example = f"{title}={next(iter(fields), 'temperature')}"
        raise UnreadableFileError(
            f"No column is a field of {station}, which has {_names(fields)}. Name the ones to import, such as"
            f" --column {typed(example)}."
        )


def _named(
    titles: Sequence[str], station: Station, layout: Layout, fields: Mapping[str, Field]
) -> Iterator[tuple[int, Column]]:
    numbers: dict[int, str] = {}
    for title, told in layout.columns.items():
        index = _only_index(titles, title)
        name, unit = _parts(told)
        there = field_told(told, fields)
        if there is None:
            raise UnreadableFileError(f"{station} has no field “{name}”: it has {_names(fields)}. Add it in the admin.")
        if there.number in numbers:
            raise UnreadableFileError(f"“{numbers[there.number]}” and “{title}” cannot both be {there.name}.")
        numbers[there.number] = title
        yield index, Column(index, titles[index], there, _conversion(titles[index], unit, there))


def field_told(told: str, fields: Mapping[str, Field]) -> Field | None:
    """Return the field that a person names or numbers, perhaps with a unit, of those by their names' folded case."""
    name, _ = _parts(told)
    return fields.get(name.casefold()) or next((each for each in fields.values() if str(each.number) == name), None)


def field_titled(title: str, fields: Mapping[str, Field]) -> Field | None:
    """Return the field that a title names, of those by their names' folded case."""
    exported = next((each for each in fields.values() if harmless(title_of(each)).strip() == title), None)
    if exported is not None:
        return exported
    name = _parts(title)[0].casefold()
    return fields.get(name) or next((each for key, each in fields.items() if harmless(key) == name), None)


def _by_name(index: int, title: str, fields: Mapping[str, Field]) -> Column | None:
    there = field_titled(title, fields)
    if there is None:
        return None
    is_ours = harmless(title_of(there)).strip() == title
    return Column(index, title, there, None if is_ours else _conversion(title, None, there))


def _conversion(title: str, unit: str | None, there: Field) -> Conversion | None:
    """Return how the values become the field's, or None if they are in its unit or say nothing of a unit."""
    told = _parts(title)[1] if unit is None else unit
    unit = None if told is None else unit_named(told) or told
    if unit is None or unit == there.unit:
        return None
    found = conversion(unit, there.unit)
    if found is None:
        wanted = f"in {there.unit}, the unit of {there.name}" if there.unit else f"without a unit, as {there.name} is"
        raise UnreadableFileError(f"“{title.strip()}” is not {wanted}, and {told} cannot be converted to it.")
    return found


def _parts(title: str) -> tuple[str, str | None]:
    """Return a title's name and its unit: “temperature [degC]”, or “Temperature(℃)” if that is a unit."""
    text = title.strip()
    at, unit = in_brackets(text, "[", "]")
    if unit is None:
        before, told = in_brackets(text, "(\uff08", ")\uff09")
        if told is not None and unit_named(told):
            return text[:before].rstrip(), told
    return text[:at].rstrip(), unit


def in_brackets(text: str, opening: str, closing: str) -> tuple[int, str | None]:
    """Return where brackets at the end of a text begin, and what is within, or None: each is one of some signs.

    A regular expression for it takes minutes for a title with thousands of spaces.
    """
    at = max(map(text.rfind, opening))
    within = text[at + 1 : -1]
    if at < 0 or text[-1] not in closing or any(sign in within for sign in closing):
        return len(text), None
    return at, within


def _names(fields: Mapping[str, Field]) -> str:
    return ", ".join(each.name for each in fields.values()) or "none"
