"""Events as pages and files show them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from audit.models import Event, EventQuerySet

COLUMNS = ("when (UTC)", "deed", "what", "station", "station's number", "details", "person", "by", "from")
ROWS_A_PIECE = 1_000


def events_of(row: models.Model) -> EventQuerySet:
    """Return what was done to a row. Of a station, that is all that was done to it and to what is its."""
    if row._meta.label_lower == "stations.station":
        return Event.objects.of_station(int(row.pk))
    return Event.objects.of_object(row)


def told(event: Event) -> list[str]:
    """Return an event's columns as texts."""
    number = "" if event.station is None else str(event.station)
    about = [event.deed, event.what, event.station_name, number, event.details]
    return [f"{event.at:%Y-%m-%d %H:%M:%S}", *about, event.person, event.by, event.address]


def newest_first(events: EventQuerySet) -> Iterator[Event]:
    """Yield events of any number, in pieces: no transaction is open between two."""
    events = events.order_by("-pk")
    piece = list(events[:ROWS_A_PIECE])
    while piece:
        yield from piece
        piece = list(events.filter(pk__lt=piece[-1].pk)[:ROWS_A_PIECE])
