"""What an operator should look at, as every app tells it and the admin's overview shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

MOST_SHOWN = 20

ThingT = TypeVar("ThingT")


class Urgency(IntEnum):
    """How soon: readings are being lost, they may be, or it is only worth knowing."""

    NOW = 0
    SOON = 1
    NOTE = 2


@dataclass(frozen=True)
class Item:
    """One thing that a concern is about, with where it is mended."""

    what: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class Concern:
    """What is wrong with some things alike, and what to do about it. Without items it is about the server itself.

    `items` are the first of `total`: a page with all of many silent stations helps nobody.
    """

    kind: str
    urgency: Urgency
    title: str
    advice: str
    items: list[Item] = field(default_factory=list)
    total: int = 0
    url: str = ""  # where all of them are listed

    @property
    def more(self) -> int:
        return self.total - len(self.items)

    @property
    def count(self) -> int:
        return self.total or 1


def most_urgent_first(concerns: Iterable[Concern | None]) -> list[Concern]:
    """Return the concerns that there are; those that are equally urgent stay in their order."""
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
    """Return a concern about things, of which `item` tells each, or None where there are none."""
    items = [item(each) for each in things[:MOST_SHOWN]]
    return Concern(kind, urgency, title, advice, items, len(things), url) if items else None
