"""How a file is imported that somebody has sent: its program, its columns, and what is chosen for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readings.exports.export import Head
from readings.exports.recognition import FORMATS, OWN, Plan, Recognised, recognised
from readings.files.csv_header import (
    DELIMITERS,
    MOST_LINES_BEFORE,
    TIME_COLUMN,
    Layout,
    UnreadableFileError,
    cells_of,
    field_titled,
    field_told,
    is_about_time,
    read_header,
)
from readings.files.csv_moments import DATE_ORDERS, parse_file_moment
from readings.files.titles import titled
from readings.imports.choices import LEAVE_OUT, MOST_COLUMNS, MOST_OF_A_TITLE, NEW, Choices, Target
from stations.models import Field, Station

_EARLIEST_S = 100_000_000  # Unix time in a file, of 1973. Smaller numbers are measured values.


@dataclass(frozen=True)
class FilePlan:
    """What is known of a file, and the layout by which it is read. `targets` are of the columns that can be chosen."""

    program: str
    head: Head
    time_column: str
    targets: dict[str, Target]
    new_names: dict[str, str]  # the fields that could be added, by the titles of their columns
    layout: Layout
    added: Sequence[Field]


def plan_file(lines: Sequence[str], station: Station, choices: Choices, *, is_dry: bool) -> FilePlan:
    """Return the plan for a file by its first lines, and add the fields that it needs: in a dry run, to `station` only.

    Raises UnreadableFileError.
    """
    found = _program(lines, choices)
    head, time_column = _head(lines, station, choices, found)
    if len(head.titles) > MOST_COLUMNS:
        raise UnreadableFileError(f"The file has more than {MOST_COLUMNS} columns: import_readings takes it.")
    fields = {each.name.casefold(): each for each in station.fields.all()}
    by_header = Plan(found, station, Layout()) if found else None
    defaults = _defaults(head, time_column, by_header, fields)
    missing = by_header.missing if by_header else {}
    targets = {title: _target(title, choices, defaults[title], fields) for title in defaults}
    told = _layout(choices, time_column, head, targets, fields)
    if found is None:
        return FilePlan("", head, time_column, targets, {}, told, [])
    plan = Plan(found, station, told)
    added = plan.add_fields(is_dry=is_dry) if plan.missing else []
    names = {title: known.name for title, known in missing.items()}
    return FilePlan(found.program, head, time_column, targets, names, plan.layout(), added)


def _program(lines: Sequence[str], choices: Choices) -> Recognised | None:
    if choices.format == OWN:
        return None
    found = recognised(lines, choices.format)
    if found is None and choices.format:
        raise UnreadableFileError(f"The header is not one of {FORMATS[choices.format][0]}'s.")
    return found


def _head(lines: Sequence[str], station: Station, choices: Choices, found: Recognised | None) -> tuple[Head, str]:
    """Return the header, and the title of the column with the moments."""
    wanted = choices.time_column or (found.export.time_column if found else "")
    for head in _heads(lines):
        for title in head.titles:
            if title.casefold() == (wanted or TIME_COLUMN).casefold():
                return head, title
    if not wanted:
        for head in _heads(lines):
            times = [title for title, cell in zip(head.titles, head.cells, strict=False) if title and _is_moment(cell)]
            if times:
                return head, next(filter(is_about_time, times), times[0])
    read_header(iter(lines), station, Layout(time_column=wanted))
    raise UnreadableFileError("The file has no header that can be read.")


def _heads(lines: Sequence[str]) -> Iterator[Head]:
    """Yield each line that may be a header, split by the sign that makes most of it, and the cells of the next one."""
    for line, below in zip(lines[:MOST_LINES_BEFORE], [*lines[1:], ""], strict=False):
        delimiter = max(DELIMITERS, key=lambda each: len(cells_of(line, each)))
        titles = cells_of(line, delimiter)
        if len(titles) > 1:
            yield Head(titles, cells_of(below, delimiter))


def _is_moment(cell: str) -> bool:
    if cell.replace(".", "", 1).isdecimal():
        return float(cell) > _EARLIEST_S
    return any(_can_be_read(cell, order) for order in DATE_ORDERS)


def _can_be_read(cell: str, date_order: str) -> bool:
    try:
        parse_file_moment(cell, date_order)
    except ValueError:
        return False
    return True


def _defaults(head: Head, time_column: str, plan: Plan | None, fields: dict[str, Field]) -> dict[str, Target]:
    """Return what becomes of each column unless something else is chosen. A title that is there twice tells nothing."""
    known = dict(plan.found.export.columns) if plan else {}
    defaults: dict[str, Target] = {}
    taken = {field_told(told, fields) for told in plan.columns.values()} if plan else set()
    for title in head.titles:
        if title == time_column or not _may_be_chosen(title) or head.titles.count(title) > 1:
            continue
        if plan and title in plan.columns:
            there = field_told(plan.columns[title], fields)
            defaults[title] = Target(str(there.number) if there else LEAVE_OUT, known[title].unit or "")
        elif plan and title in plan.missing:
            defaults[title] = Target(NEW, known[title].unit or "")
        else:
            there = field_titled(title, fields)
            is_free = there is not None and there not in taken
            taken.add(there)
            defaults[title] = Target(str(there.number)) if there and is_free else Target(LEAVE_OUT)
    return defaults


def _may_be_chosen(title: str) -> bool:
    return 0 < len(title) <= MOST_OF_A_TITLE and title.isprintable()


def _target(title: str, choices: Choices, default: Target, fields: dict[str, Field]) -> Target:
    """Return what was chosen for a column, unless its field is gone, or there by now."""
    chosen = choices.columns.get(title, default)
    if chosen.field == NEW and default.field != NEW:
        chosen = default
    if chosen.field == NEW and not choices.may_add:
        return Target(LEAVE_OUT)
    numbers = {str(each.number) for each in fields.values()}
    return chosen if chosen.field in {*numbers, NEW, LEAVE_OUT} else Target(LEAVE_OUT)


def _layout(
    choices: Choices, time_column: str, head: Head, targets: dict[str, Target], fields: dict[str, Field]
) -> Layout:
    names = {str(each.number): each.name for each in fields.values()}
    columns = {title: titled(names[field], unit) for title, (field, unit) in targets.items() if field in names}
    new = {title for title, target in targets.items() if target.field == NEW}
    return Layout(
        time_column=time_column,
        columns=columns,
        only=choices.only,
        left_out={*head.titles} - {*columns} - new,
        date_order=choices.date_order,
        zone=choices.zone_info,
    )
