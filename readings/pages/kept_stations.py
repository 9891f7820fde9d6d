"""Stations with their fields for the home page, kept by each process as long as their rows stay the same.

Django takes ten times as long to make 2,000 objects of rows as the database takes to find the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser

from freetemp.kept import Kept
from freetemp.prepared import Compiled
from freetemp.sql import Row
from readings.charts.sparkline import Drawn, lined
from readings.pages.names import in_order
from stations.access import Viewer, access_of
from stations.models import Field, Station
from stations.models.station import newest_at

MOST_KEPT = 1_000  # of some 15 kB each
_STATION = Field._meta.get_field("station")
MOST_SHOWN = 4  # to viewers with different units and languages
# Neither cards nor metrics follow from these.
NOT_OF_STATION = {
    "mac",
    "elevation_m",
    "board",
    "adds_fields",
    "identity",
    "notes",
    "raw_since",
    "trouble",
    "firmware",
}
NOT_OF_FIELD = {"rolls_over_at", "bucket_empty_at", "is_treated", "source", "added_at"}


class Shown(NamedTuple):
    """A card as it was written last: what is before and after the words on when it was heard, and these.

    Each comes with all that it was written by but the station's rows.
    """

    by: tuple[Any, ...]
    before: bytes
    after: bytes
    heard_by: tuple[Any, ...]
    heard: bytes


class KnownStation:
    """A station, its fields in the order of their numbers, and what follows from their rows alone.

    `drawn` is its line as it was drawn last. `shown` has its card by language and units.
    """

    def __init__(self, rows: tuple[Row, ...], station: Station, fields: list[Field]) -> None:
        self.rows, self.station, self.fields = rows, station, fields
        for field in self.fields:
            _STATION.set_cached_value(field, station)  # What `field.station = station` does, in a fifth of the time.
        self.order, self.newest_at = in_order(station.name), newest_at(self.fields)
        self.lined = lined(self.fields)
        self.summed = [field for field in self.fields if field.kind.is_sum]
        self.lagging = {field.number: at for field in self.fields if (at := self._lagged(field))}
        self.drawn: Drawn | None = None
        self.shown: dict[Hashable, Shown] = {}

    def _lagged(self, field: Field) -> datetime | None:
        """Return when a field had its newest value, if it has fallen silent while others have not."""
        is_late = self.newest_at is not None and field.lags_behind(self.newest_at, self.station.interval_s)
        return field.newest_at if is_late else None

    def show(self, viewer: Hashable, shown: Shown) -> None:
        """Keep a card for viewers with the same preferences."""
        if len(self.shown) >= MOST_SHOWN and viewer not in self.shown:
            self.shown = {}
        self.shown[viewer] = shown


_kept: Kept[int, KnownStation] = Kept(MOST_KEPT)


def seen_by(viewer: Viewer) -> Iterator[KnownStation]:
    """Yield the active stations that a viewer may see. Rows are kept for all, and each viewer's are chosen here."""
    access = access_of(viewer)
    if access.is_public:
        return known_stations(everyone=False)
    known = known_stations(everyone=True)
    return (each for each in known if access.sees(each.station.pk, public=each.station.public))


def known_stations(*, everyone: bool) -> Iterator[KnownStation]:
    """Yield the active stations as their rows are now: all of them, or those that anybody may see."""
    of_stations, of_fields = _queries(everyone)
    fields, owner = defaultdict(list), of_fields.names.index("station_id")
    for row in of_fields.rows():
        fields[row[owner]].append(row)
    stations = of_stations.rows()
    for row, known in zip(stations, _kept.get_each([row[0] for row in stations]), strict=True):
        rows = (row, *fields[row[0]])
        if known is None or known.rows != rows:
            known = _made(rows, known, of_stations, of_fields)
            _kept.put(row[0], known)
        yield known


def _made(
    rows: tuple[Row, ...], before: KnownStation | None, of_stations: Compiled[Station], of_fields: Compiled[Field]
) -> KnownStation:
    """Return a station of its rows. With the same fields as before, only what differs is made anew."""
    if before is None or [row[0] for row in before.rows] != [row[0] for row in rows]:
        return KnownStation(rows, of_stations.made(rows[0]), [of_fields.made(row) for row in rows[1:]])
    station = of_stations.renewed(rows[0], before.rows[0], before.station)
    old = zip(rows[1:], before.rows[1:], before.fields, strict=True)
    known = KnownStation(rows, station, [of_fields.renewed(*each) for each in old])
    known.drawn = before.drawn  # The next line may differ in little.
    return known


@cache
def _queries(everyone: bool) -> tuple[Compiled[Station], Compiled[Field]]:
    viewed = Station.objects.all() if everyone else Station.objects.visible_to(AnonymousUser())
    stations = viewed.filter(active=True)
    fields = Field.objects.filter(station__in=stations.order_by()).order_by("station_id", "number")
    return Compiled(stations.defer(*NOT_OF_STATION)), Compiled(fields.defer(*NOT_OF_FIELD))
