"""Stations with their fields for the home page, kept by each process as long as their rows stay the same.

Django takes ten times as long to make 2,000 objects of rows as the database takes to find the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from freetemp.kept import Kept
from freetemp.prepared import Compiled
from freetemp.sql import Row, execute
from readings.charts.sparkline import Drawn, lined
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.models.station_queryset import StationQuerySet

MOST_KEPT = 1_000  # of some 15 kB each
MOST_SHOWN = 4  # to viewers with different units and languages
# Cards follow from all other columns.
NOT_OF_STATION = {"mac", "elevation_m", "board", "notes", "raw_since", "trouble", "firmware"}
NOT_OF_FIELD = {"rolls_over_at", "bucket_empty_at", "is_treated"}


class KnownStation:
    """A station, its fields in the order of their numbers, and what follows from their rows alone.

    `drawn` is its line as it was drawn last. `shown` has its newest values as text, by language and units: each with
    what else the text was made of.
    """

    def __init__(self, rows: tuple[Row, ...], station: Station, fields: list[Field]) -> None:
        self.rows, self.station, self.fields = rows, station, fields
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
    of_stations = Compiled(stations.defer(*NOT_OF_STATION))
    of_these = Field.objects.filter(station__in=stations.order_by()).order_by("station_id", "number")
    of_fields = Compiled(of_these.defer(*NOT_OF_FIELD))
    fields, owner = defaultdict(list), of_fields.names.index("station_id")
    for row in execute(of_fields.statement, of_fields.parameters).returned:
        fields[row[owner]].append(row)
    for row in execute(of_stations.statement, of_stations.parameters).returned:
        rows = (row, *fields[row[0]])
        known = _kept.get(row[0])
        if known is None or known.rows != rows:
            known = KnownStation(rows, of_stations.made(row), [of_fields.made(each) for each in rows[1:]])
            _kept.put(row[0], known)
        yield known
