"""Stations with their fields for the home page, kept by each process as long as their rows stay the same.

Django takes ten times as long to make 2,000 objects of rows as the database takes to find the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import models
from django.db.utils import DEFAULT_DB_ALIAS

from freetemp.fields import EpochMillisField
from freetemp.kept import Kept
from freetemp.sql import Row, execute
from readings.charts.sparkline import Drawn, lined
from stations.models import Field, Station
from stations.models.station import StationQuerySet, newest_at

MOST_KEPT = 1_000  # of some 15 kB each
MOST_SHOWN = 4  # to viewers with different units and languages
# Cards follow from all other columns.
NOT_OF_STATION = {"mac", "elevation_m", "board", "notes", "raw_since", "trouble", "firmware"}
NOT_OF_FIELD = {"rolls_over_at", "bucket_empty_at", "is_treated"}


def _columns(model: type[models.Model], without: Collection[str]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields if field.name not in without)


OF_STATION, OF_FIELD = _columns(Station, NOT_OF_STATION), _columns(Field, NOT_OF_FIELD)
_OWNER = OF_FIELD.index("station_id")


class KnownStation:
    """A station, its fields in the order of their numbers, and what follows from their rows alone.

    `drawn` is its line as it was drawn last. `shown` has its newest values as text, by language and units: each with
    what else the text was made of.
    """

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self.station: Station = _made(Station, OF_STATION, rows[0])
        self.fields: list[Field] = [_made(Field, OF_FIELD, row) for row in rows[1:]]
        for field in self.fields:
            field.station = self.station
        self.newest_at = newest_at(self.fields)
        self.lined = lined(self.fields)
        self.summed = [field for field in self.fields if field.kind.is_sum]
        self.lagging = {field.number: at for field in self.fields if (at := self._lagged(field))}
        self.drawn: Drawn | None = None
        self.shown: dict[Any, tuple[Any, str]] = {}

    def _lagged(self, field: Field) -> datetime | None:
        """Return when a field had its newest value, if it has fallen silent while others have not."""
        is_late = self.newest_at is not None and field.lags_behind(self.newest_at, self.station.interval_s)
        return field.newest_at if is_late else None

    def show(self, viewer: Any, depends_on: Any, text: str) -> None:
        """Keep a text for viewers with the same preferences."""
        if len(self.shown) >= MOST_SHOWN:
            self.shown = {}
        self.shown[viewer] = depends_on, text


_kept: Kept[int, KnownStation] = Kept(MOST_KEPT)


def known_stations(stations: StationQuerySet) -> Iterator[KnownStation]:
    """Yield stations as their rows are now, in the order of the query."""
    fields = defaultdict(list)
    of_these = Field.objects.filter(station__in=stations.order_by()).order_by("station_id", "number")
    for row in _rows(of_these, OF_FIELD):
        fields[row[_OWNER]].append(row)
    for row in _rows(stations, OF_STATION):
        rows = (row, *fields[row[0]])
        known = _kept.get(row[0])
        if known is None or known.rows != rows:
            known = KnownStation(rows)
            _kept.put(row[0], known)
        yield known


def _rows(found: models.QuerySet[Any], columns: Sequence[str]) -> list[Row]:
    """Return the rows of a query as the database has them."""
    statement, parameters = found.values_list(*columns).query.sql_with_params()
    return execute(statement, parameters).returned


def _made(model: type[models.Model], columns: tuple[str, ...], row: Row) -> Any:
    """Return an object made of a row, as a QuerySet makes it."""
    readers = _readers(model, columns)
    values = [read(each) if read else each for read, each in zip(readers, row, strict=True)]
    return model.from_db(DEFAULT_DB_ALIAS, columns, values)


@cache
def _readers(model: type[models.Model], columns: tuple[str, ...]) -> list[Callable[[Any], Any] | None]:
    return [_reader(model._meta.get_field(column)) for column in columns]


def _reader(field: Any) -> Callable[[Any], Any] | None:
    """Return what makes the value of a column of what the database has: SQLite has numbers for moments and truths."""
    if isinstance(field, models.BooleanField):
        return bool
    if isinstance(field, EpochMillisField):
        return lambda value: field.from_db_value(value, None, None)
    return None
