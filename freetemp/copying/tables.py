"""The tables of all apps, as both databases have them: columns, kinds of values, keys, and an order to copy them in."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations

# Their rows say up to when rows of other tables may be removed, so these come first.
FIRST = ("audit_pruning",)
_KINDS = {
    **dict.fromkeys(BaseDatabaseOperations.integer_field_ranges, "integer"),
    "BooleanField": "boolean",
    "FloatField": "number",
    "CharField": "text",
    "TextField": "text",
    "FileField": "text",
    "SlugField": "text",
    "JSONField": "json",
    "BinaryField": "bytes",
    "DateTimeField": "moment",
    "DateField": "date",
    "TimeField": "time",
    "GenericIPAddressField": "address",
}
# Rows that are read at once, so that memory has an end: a picture may have megabytes, a text thousands of bytes.
_ROWS = {"bytes": 10, "json": 500, "text": 500}
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Column:
    """A column. `parent` is the table and the column of its foreign key; `least` and `most` are an integer's."""

    name: str
    kind: str
    may_be_null: bool
    longest: int | None
    least: int
    most: int
    parent: tuple[str, str] | None


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    numbered_by: str | None  # the column that counts by itself

    @property
    def is_series(self) -> bool:
        """Tell whether its rows are those of a station's field in the order of time: only such tables grow large."""
        return len(self.key) == 3 and self.key[:2] == ("station_id", "field")

    @property
    def rows_at_once(self) -> int:
        limits = [_ROWS[each.kind] for each in self.columns if each.kind in _ROWS and each.longest is None]
        return min(limits, default=MOST_ROWS)

    @property
    def key_columns(self) -> tuple[Column, ...]:
        by_name = {each.name: each for each in self.columns}
        return tuple(by_name[name] for name in self.key)


def all_tables() -> list[Table]:
    """Return every table of every app, parents before their children."""
    found = {each.name: each for each in map(_table, _models())}
    graph = {each.name: _parents(each) - {each.name} for each in found.values()}
    order = [*FIRST, *TopologicalSorter(graph).static_order()]
    return [found[name] for name in dict.fromkeys(order) if name in found]


def _models() -> list[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    return [each for each in every if each._meta.managed and not each._meta.proxy]


def _parents(table: Table) -> set[str]:
    return {each.parent[0] for each in table.columns if each.parent}


def _table(model: type[models.Model]) -> Table:
    meta: Any = model._meta
    counting = next((each.column for each in meta.local_concrete_fields if isinstance(each, models.AutoField)), None)
    columns = tuple(map(_column, meta.local_concrete_fields))
    return Table(meta.db_table, columns, tuple(each.column for each in meta.pk_fields), counting)


def _column(field: Any) -> Column:
    root, parent = field, None
    if field.remote_field:
        parent = field.remote_field.model._meta.db_table, field.target_field.column
    while root.remote_field:
        root = root.target_field
    kind = root.get_internal_type()
    least, most = BaseDatabaseOperations.integer_field_ranges.get(kind, (0, 0))
    longest = root.max_length if _KINDS[kind] == "text" and kind != "TextField" else None
    return Column(field.column, _KINDS[kind], field.null, longest, least, most, parent)
