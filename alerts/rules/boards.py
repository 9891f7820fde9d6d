"""What boards say of themselves: troubles of their sensor or flash, and that they have started again and again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.models import Rule
from alerts.rules.state import State
from readings.models import BoardState
from readings.models.board_state import BY_HANG, BY_POWER, ResetCause
from stations.models import Station
from stations.troubles import parts_of

MANY_STARTS, A_DAY = 6, timedelta(days=1)
FEW = 0.5  # of the number that is told: then it is over

Minded = Sequence[tuple[Station, Rule]]


def reported(minded: Minded, at: datetime) -> Iterator[State]:
    """Yield whether each station's board has said in its last report that something is wrong with it."""
    for station, rule in minded:
        words = "; ".join(words for kind, words in parts_of(station.trouble).items() if not kind.needs_nothing)
        yield State(rule, station, bool(words), not words, detail=words)


def starts_of(stations: Sequence[int], since: datetime, until: datetime) -> dict[int, list[tuple[datetime, str]]]:
    """Return the moments of some stations' starts, each with “power”, “hang” or nothing."""
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    rows = BoardState.objects.filter(first_at__gt=since, first_at__lte=until, station__in=stations).order_by()
    kept = rows.exclude(reset_cause=ResetCause.DEEP_SLEEP).values_list("station", "first_at", "reset_cause")
    for station, at, reset in kept:
        found[station].append((at, "hang" if reset in BY_HANG else "power" if reset in BY_POWER else ""))
    return found


def restarts(minded: Minded, at: datetime) -> Iterator[State]:
    """Yield whether each station's board has started many times in a day. To wake from deep sleep is no start."""
    starts = starts_of([station.pk for station, _ in minded], at - A_DAY, at)
    for station, rule in minded:
        causes = Counter(cause for _, cause in starts[station.pk])
        count, limit, often = causes.total(), rule.limit or MANY_STARTS, causes.most_common(1)
        cause = often[0][0] if often and often[0][1] > count / 2 else ""
        yield State(rule, station, count >= limit, count <= limit * FEW, None, float(count), cause)
