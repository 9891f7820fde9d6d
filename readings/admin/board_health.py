"""Boards that an operator should look at: those that start again and again, and those with a weak signal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from readings.admin.boards import signal
from readings.models import BoardState, DeviceState
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
        _("Boards that start again and again"),
        _(
            "By power or the reset button: its supply is too weak, or a plug is loose. After it hung or crashed: "
            "plugged into a computer, it prints its last exceptions (docs/board.md); flash it again. Its page has "
            "every start."
        ),
    )
    since = survey.at - A_DAY
    signals = DeviceState.objects.signals_since(since) | BoardState.objects.signals_since(since)
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
        words % {"count": count}
        for count, words in (
            (starts.by_power, _("%(count)d by power or the reset button")),
            (starts.by_hang, _("%(count)d after it hung or crashed")),
            (starts.total - starts.by_power - starts.by_hang, _("%(count)d for other reasons")),
        )
        if count
    ]
    told = {"count": starts.total, "causes": ", ".join(causes)}
    return Item(str(station), _("%(count)d starts in the last day: %(causes)s") % told, _page(station))


def _page(station: Station) -> str:
    return reverse("admin:stations_board", args=[station.pk])
