"""What an operator should look at, as every app tells it and the admin's overview shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

MOST_SHOWN = 20


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
    """What is wrong with some things alike, and what to do about it. Without items it is about the server itself."""

    kind: str
    urgency: Urgency
    title: str
    advice: str
    items: list[Item] = field(default_factory=list)
    url: str = ""  # where all of them are listed

    @property
    def shown(self) -> list[Item]:
        """Return the first of the items: a page with all of many silent stations helps nobody."""
        return self.items[:MOST_SHOWN]

    @property
    def more(self) -> int:
        return len(self.items) - len(self.shown)

    @property
    def count(self) -> int:
        return len(self.items) or 1


def most_urgent_first(concerns: Iterable[Concern | None]) -> list[Concern]:
    """Return the concerns that there are; those that are equally urgent stay in their order."""
    return sorted((concern for concern in concerns if concern), key=lambda concern: concern.urgency)


def about(items: list[Item], kind: str, urgency: Urgency, title: str, advice: str, url: str = "") -> Concern | None:
    """Return a concern about items, or None where there are none."""
    return Concern(kind, urgency, title, advice, items, url) if items else None
