"""Concerns that need an operator's attention. Each app registers its own; the admin's overview shows them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db import Error as DatabaseError

from freetemp import damage

if TYPE_CHECKING:
    from freetemp.overview.server import Condition
    from stations.models import Station

MOST_SHOWN = 20

ThingT = TypeVar("ThingT")


class Urgency(IntEnum):
    """How soon to act: readings are being lost, they may be lost, or it is only worth knowing."""

    NOW = 0
    SOON = 1
    NOTE = 2


@dataclass(frozen=True)
class Item:
    """One thing that a concern is about, with the page to mend it."""

    what: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class Concern:
    """A problem that some things share, and what to do about it. Without items it is about the server itself.

    `items` are the first of `total`: a page with hundreds of silent stations helps nobody.
    """

    kind: str
    urgency: Urgency
    title: str
    advice: str
    items: list[Item] = field(default_factory=list)
    total: int = 0
    url: str = ""  # the page that lists all of them

    @property
    def more(self) -> int:
        return self.total - len(self.items)

    @property
    def count(self) -> int:
        return self.total or 1


class Survey(NamedTuple):
    """The state in which to look for concerns: the stations with their fields, and the server, at one moment."""

    at: datetime
    stations: Sequence[Station]
    server: Condition
    only: frozenset[int] | None = None  # the numbers of the stations of somebody for whom these are not all

    def has(self, station: int) -> bool:
        """Tell whether a station is one of these, by its number."""
        return self.only is None or station in self.only


Source = Callable[[Survey], Iterable[Concern | None]]
_sources: list[tuple[Source, str, bool]] = []


def register(source: Source, permission: str = "", *, of_stations: bool = False) -> None:
    """Add an app's concerns to the overview, from its AppConfig.ready().

    With a permission, like `stations.view_key`, only people who have it see them. `of_stations` says that the source
    names no other stations than those of the survey: people who look after some stations see only such concerns.
    Equally urgent concerns are shown in the order of registration.
    """
    if (source, permission, of_stations) not in _sources:
        _sources.append((source, permission, of_stations))


def all_concerns(survey: Survey, user: Any) -> Iterator[Concern | None]:
    """Yield the concerns of every app that a user may see."""
    for source, permission, of_stations in _sources:
        if (of_stations or survey.only is None) and (not permission or user.has_perm(permission)):
            yield from _as_far_as_readable(source(survey))


def _as_far_as_readable(concerns: Iterable[Concern | None]) -> Iterator[Concern | None]:
    """Yield concerns until a damaged page of the database is met: the overview has to say so."""
    try:
        yield from concerns
    except DatabaseError as error:
        if not damage.note(error):
            raise


def most_urgent_first(concerns: Iterable[Concern | None]) -> list[Concern]:
    """Return the existing concerns, sorted. Equally urgent ones keep their order."""
    return sorted((concern for concern in concerns if concern), key=lambda concern: concern.urgency)


def about(
    things: Sequence[ThingT],
    item: Callable[[ThingT], Item],
    kind: str,
    urgency: Urgency,
    title: str,
    advice: str,
    url: str = "",
) -> Concern | None:
    """Return a concern about things, which `item` describes one by one, or None if there are none."""
    items = [item(each) for each in things[:MOST_SHOWN]]
    return Concern(kind, urgency, title, advice, items, len(things), url) if items else None
