"""Boards that an operator should look at: those that start again and again, and those with a weak signal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse

from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from readings.admin.boards import signal
from readings.models import BoardState
from readings.models.board_state import Starts
from stations.models import Station
from stations.models.status import Status

A_DAY = timedelta(days=1)
MANY_STARTS = 6  # in a day
WEAK_DBM = -88


def board_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the boards that have started often in a day, and those that are alive with a weak signal.

    Simulated stations have no board.
    """
    real = [each for each in survey.stations if not each.simulated and not each.in_maintenance(survey.at)]
    starts = BoardState.objects.starts_since(survey.at - A_DAY)
    yield about(
        [(station, starts[station.pk]) for station in real if _is_often(starts.get(station.pk))],
        lambda each: _started(*each),
        "boards-start-often",
        Urgency.SOON,
        "Boards that start again and again",
        "By power or the reset button: its supply is too weak, or a plug is loose. After it hung or crashed: plugged "
        "into a computer, it prints its last exceptions (docs/board.md); flash it again. Its page has every start.",
    )
    signals = BoardState.objects.signals_since(survey.at - A_DAY)
    yield about(
        [
            (station, signals[station.pk])
            for station in real
            if signals.get(station.pk, 0) < WEAK_DBM and station.status(survey.at) == Status.ALIVE
        ],
        lambda each: Item(str(each[0]), signal(each[1]), _page(each[0])),
        "weak-signals",
        Urgency.NOTE,
        "Boards with a very weak WiFi signal",
        "They report, and may be gone with the next rain. Move the board or its access point, or turn its antenna.",
    )


def _is_often(starts: Starts | None) -> bool:
    return starts is not None and starts.total >= MANY_STARTS


def _started(station: Station, starts: Starts) -> Item:
    causes = [
        f"{count} {words}"
        for count, words in (
            (starts.by_power, "by power or the reset button"),
            (starts.by_hang, "after it hung or crashed"),
            (starts.total - starts.by_power - starts.by_hang, "for other reasons"),
        )
        if count
    ]
    return Item(str(station), f"{starts.total} starts in the last day: {', '.join(causes)}", _page(station))


def _page(station: Station) -> str:
    return reverse("admin:stations_board", args=[station.pk])
