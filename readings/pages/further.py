"""What other apps say on a station's page, below its readings. Each registers its part, from its AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe

from stations.models import Station


class Part(Protocol):
    """A part of the page. Every request asks for its state, and only a page that is drawn for its HTML."""

    def state(self, station: Station, at: datetime) -> Hashable:
        """Return what it shows of a station, as of the minute: with an equal state, it looks the same in a minute."""

    def html(self, station: Station, at: datetime) -> SafeString: ...


_parts: list[Part] = []


def register(part: Part) -> None:
    _parts.append(part)


def state_of_parts(station: Station, at: datetime) -> tuple[Hashable, ...]:
    return tuple(part.state(station, at) for part in _parts)


def html_of_parts(station: Station, at: datetime) -> SafeString:
    return mark_safe("".join(part.html(station, at) for part in _parts))  # noqa: S308 - each is safe
