"""The silence after which a station is in trouble, by its own rhythm and not by its interval alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from stations.models import Station
from stations.troubles import SENSOR, parts_of

LEAST = timedelta(minutes=10)
MOST = timedelta(days=1)
LEAST_INTERVALS = 5
# A silence that came on three of fourteen days is usual. Fewer may have been trouble, of which nothing is learnt.
USUAL_ON_DAYS = 3
FACTOR = 1.5
# A board without values reports its trouble alone: every ten minutes, or a little later (_TELL_S of its reporter).
WITH_TROUBLE = timedelta(minutes=25)
# Stations that were last heard at the same time share a trouble.
TOGETHER = timedelta(minutes=2)


def limit(interval_s: int, longest_s: Sequence[int] = ()) -> timedelta:
    """Return the silence after which a station is in trouble, by its interval and its longest silences of some days."""
    least = max(LEAST, LEAST_INTERVALS * timedelta(seconds=interval_s))
    ranked = sorted(longest_s, reverse=True)
    usual_s = ranked[USUAL_ON_DAYS - 1] if len(ranked) >= USUAL_ON_DAYS else 0
    return min(max(least, FACTOR * timedelta(seconds=usual_s)), max(least, MOST))


def limit_of(station: Station, longest_s: Sequence[int] = ()) -> timedelta:
    """Return the silence after which a station is in trouble. One whose sensor fails reports seldom."""
    usual = limit(station.interval_s, longest_s)
    return max(usual, WITH_TROUBLE) if has_no_values(station) else usual


def has_no_values(station: Station) -> bool:
    """Tell whether a board has last said that a sensor of it fails."""
    return bool(station.trouble) and SENSOR in parts_of(station.trouble)
