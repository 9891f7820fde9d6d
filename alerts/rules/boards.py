"""What boards say of themselves: troubles of their sensor or flash, and that they have started again and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts.rules.minded import Minded
from alerts.rules.state import State
from readings.admin.board_health import A_DAY, MANY_STARTS
from readings.models import BoardState
from readings.models.board_state import Starts
from stations.troubles import parts_of

FEW = 0.5  # of the number that is told: then it is over


def reported(minded: Minded, at: datetime) -> Iterator[State]:
    """Yield whether each station's board has said in its last report that something is wrong with it."""
    for station, rule in minded:
        words = "; ".join(words for kind, words in parts_of(station.trouble).items() if not kind.needs_nothing)
        yield State(rule, station, bool(words), not words, detail=words)


def restarts(minded: Minded, at: datetime) -> Iterator[State]:
    """Yield whether each station's board has started many times in a day, by the count that the overview has."""
    starts = BoardState.objects.starts_since(at - A_DAY)
    for station, rule in minded:
        total, by_power, by_hang = starts.get(station.pk, Starts(0, 0, 0))
        limit = rule.limit or MANY_STARTS
        cause = "hang" if by_hang > total / 2 else "power" if by_power > total / 2 else ""
        yield State(rule, station, total >= limit, total <= limit * FEW, None, float(total), cause)
