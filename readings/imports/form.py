"""The form in which somebody says how a file is read, with what its header says chosen already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from readings.exports.recognition import FORMATS, OWN
from readings.imports.choices import ENCODINGS, LEAVE_OUT, NEW, Choices, Target
from readings.imports.look import Look
from stations.units import SUGGESTED
from stations.zone_names import suggested_zones

ORDERS = {"": "as it is written", "dmy": "the day first", "mdy": "the month first"}
MOST_OF_AN_EXAMPLE = 24  # characters


class Option(NamedTuple):
    value: str
    label: str
    is_chosen: bool


class Row(NamedTuple):
    """A column of the file: its title, the cell below, and what may become of it."""

    title: str
    example: str
    options: list[Option]
    unit: str


class ImportForm:
    """The names of a station's fields come by their numbers."""

    def __init__(self, choices: Choices, look: Look, fields: Mapping[int, str]) -> None:
        self.choices, self.look = choices, look
        if look.plan:
            only, value = next(iter(look.plan.layout.only.items()), ("", ""))
            seen = replace(choices, time_column=look.plan.time_column, columns=look.plan.targets)
            self.choices = replace(seen, only_column=only, only_value=value)
        self._names = {str(number): name for number, name in fields.items()}

    @property
    def shown(self) -> str:
        return self.choices.digest

    @property
    def rows(self) -> list[Row]:
        if not self.look.plan:
            return []
        head = self.look.plan.head
        return [
            Row(title, head.cell(title)[:MOST_OF_AN_EXAMPLE], self._options(title, target), target.unit)
            for title, target in self.choices.columns.items()
        ]

    def _options(self, title: str, target: Target) -> list[Option]:
        new = self.look.plan.new_names.get(title) if self.look.plan and self.choices.may_add else None
        labels = {LEAVE_OUT: "leave it out", **({NEW: f"a new field: {new}"} if new else {}), **self._names}
        return [Option(value, label, value == target.field) for value, label in labels.items()]

    @property
    def formats(self) -> list[Option]:
        labels = {"": "by its header", **{key: label for key, (label, _) in FORMATS.items()}, OWN: "none of these"}
        return _options(labels, self.choices.format)

    @property
    def encodings(self) -> list[Option]:
        return _options(ENCODINGS, self.choices.encoding)

    @property
    def orders(self) -> list[Option]:
        return _options(ORDERS, self.choices.date_order)

    @property
    def times(self) -> list[Option]:
        """Return the columns that may have the moments."""
        titles = [each for each in self.look.plan.head.titles if each] if self.look.plan else []
        return _options({title: title for title in titles}, self.choices.time_column)

    @property
    def only_columns(self) -> list[Option]:
        titles = [each for each in self.look.plan.head.titles if each] if self.look.plan else []
        labels = {"": "all rows", **{title: f"those whose {title} is" for title in titles}}
        return _options(labels, self.choices.only_column)

    @property
    def units(self) -> list[str]:
        return SUGGESTED

    @property
    def zones(self) -> list[str]:
        return suggested_zones()


def _options(labels: Mapping[str, str], chosen: str) -> list[Option]:
    return [Option(value, label, value == chosen) for value, label in labels.items()]
