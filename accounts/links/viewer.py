"""Whoever has opened a link, as the viewer that stations.access asks."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils import timezone

from accounts.models import StationLink
from stations.access import forget


class LinkedViewer(AnonymousUser):
    """Nobody in particular, who sees the stations of some links beside the public ones."""

    def __init__(self, stations: frozenset[int]) -> None:
        super().__init__()
        self.linked_stations = stations


def with_links(viewer: AbstractBaseUser | AnonymousUser, texts: list[str]) -> AbstractBaseUser | AnonymousUser:
    """Return a viewer who sees what some links show, too. Ended links show nothing, from this request on."""
    now = timezone.now()
    links = StationLink.objects.of(texts, now)
    if not links:
        return viewer
    for link in links:
        StationLink.objects.note_use(link, now)
    stations = frozenset(link.station_id for link in links)
    if not viewer.is_authenticated:
        return LinkedViewer(stations)
    viewer.linked_stations = stations  # type: ignore[attr-defined]
    forget(viewer)  # The rule about second factors may have asked before.
    return viewer
