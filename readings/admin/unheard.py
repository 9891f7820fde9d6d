"""Stations that are not heard any more, for an operator: boards that have reported, and those that are tried out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from freetemp.fields import to_millis
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from readings.models import Day
from stations.concerns import listed, longest_first, unheard
from stations.models import Field, Station
from stations.models.status import Status

STEADY = 10  # readings: fewer are somebody's tries, by hand or with a board that is being set up


def unheard_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the silent and the late stations, and apart those that have not begun to report. No simulated ones."""
    at = survey.at
    minded = [station for station in survey.stations if station.active and not station.in_maintenance(at)]
    real = [station for station in minded if not station.simulated]
    silent, late = longest_first(real, Status.SILENT, at), longest_first(real, Status.LATE, at)
    tried = trying_out([*silent, *late])
    yield _silent([station for station in silent if station not in tried], at)
    yield _late([station for station in late if station not in tried], at)
    yield about(
        [station for station in [*silent, *late] if station in tried],
        partial(_tried, at),
        "tried",
        Urgency.NOTE,
        "Stations that are being tried out",
        f"They have fewer than {STEADY} readings, so nothing is missing yet. From the {STEADY}th on, it is said here "
        "when one is late or silent. A board that should report already prints its actions when plugged into a "
        "computer (docs/first-station.md).",
    )


def trying_out(stations: Collection[Station]) -> set[Station]:
    """Return those that have not begun to report: there are few readings, in the time before the newest one.

    Imported readings count: whoever brings a history does not try something out.
    """
    newest = {station: field for station in stations if (field := _newest(station))}
    counted = Day.objects.counted_since({field: _since_ms(station, field) for station, field in newest.items()})
    return {station for station in newest if counted.get(station.pk, (STEADY, 0))[0] < STEADY}


def _newest(station: Station) -> Field | None:
    measured = [(field.newest_at, -field.number, field) for field in station.fields.all() if field.newest_at]
    return max(measured)[2] if measured else None


def _since_ms(station: Station, field: Field) -> int:
    """Return the start of a week before the newest reading, or more if the station's interval is long."""
    before = timedelta(days=7) + 2 * STEADY * timedelta(seconds=station.interval_s)
    return to_millis(field.newest_at - before) if field.newest_at else 0


def _tried(at: datetime, station: Station) -> Item:
    item = unheard(at, station)
    return Item(item.what, item.detail.partition(",")[0], item.url)


def _silent(stations: Sequence[Station], at: datetime) -> Concern | None:
    return about(
        stations,
        partial(unheard, at),
        "silent",
        Urgency.NOW,
        "Silent stations",
        "Check whether the board has power and WiFi, and turn it off and on. When plugged into a computer, it prints "
        "its actions (docs/first-station.md). If it is gone for good, deactivate the station: its readings stay.",
        listed(Status.SILENT),
    )


def _late(stations: Sequence[Station], at: datetime) -> Concern | None:
    return about(
        stations,
        partial(unheard, at),
        "late",
        Urgency.SOON,
        "Late stations",
        "As a rule this is bad WiFi, and soon over. If it happens often, find a better place or set a longer interval.",
        listed(Status.LATE),
    )
