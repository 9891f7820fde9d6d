"""What a format makes of the header of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from readings.files.csv_header import in_brackets
from readings.foreign.upload import Known
from stations.units import unit_named

_REPLACED = "\N{REPLACEMENT CHARACTER}"  # A file that is not UTF-8 has it in front of a unit such as °F.


class Head(NamedTuple):
    """The titles of a file's columns, and the cells of the row below."""

    titles: Sequence[str]
    cells: Sequence[str]

    def cell(self, title: str) -> str:
        return dict(zip(self.titles, self.cells, strict=False)).get(title, "")


@dataclass(frozen=True)
class Export:
    """What a header tells: the column with the moments, and the quantities of others, each in the unit of the file."""

    time_column: str
    columns: Mapping[str, Known] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    date_order: str = ""


Format = Callable[[Head], Export | None]


def named(title: str) -> tuple[str, str]:
    """Return a title's name in lower case, and its unit, such as ("outdoor temperature", "degC")."""
    text = title.strip()
    at, unit = in_brackets(text, "(\uff08", ")\uff09")
    dash = text.rfind("-")
    if 0 < dash < at and text[dash - 1].isspace() and text[dash + 1 : dash + 2].isspace():
        at, unit = dash, text[dash + 1 :]
    unit = (unit or "").replace(_REPLACED, "").strip()
    return text[:at].rstrip().lower(), unit_named(unit) or unit


def columns(titles: Iterable[str], table: Iterable[tuple[str, Known]]) -> dict[str, Known]:
    """Return the quantities of columns by a table of names. Of several for one field, the table's first stays."""
    there = {named(title)[0]: title for title in titles}
    found: dict[str, Known] = {}
    for name, known in table:
        title = there.get(name)
        if title is not None and all(each.name != known.name for each in found.values()):
            unit = named(title)[1]
            found[title] = known._replace(unit=unit) if unit and known.unit else known
    return found
