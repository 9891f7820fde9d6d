"""Concerns for an operator about boards and their secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from freetemp import __version__
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from freetemp.versions import is_older
from stations.models import Station


def board_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield obstacles to flashing boards, and boards with an older firmware."""
    yield _older(survey.stations)
    if not settings.ENCRYPTION_KEYS and survey.only is None:
        advice = (
            "No WiFi password can be kept: run python3 bootstrap.py serve, which adds a key, or see docs/firmware.md."
        )
        yield Concern("encryption", Urgency.NOTE, "ENCRYPTION_KEYS is not set", advice)


def _older(stations: Sequence[Station]) -> Concern | None:
    return about(
        [station for station in stations if station.active and is_older(station.firmware, __version__)],
        lambda station: Item(
            str(station),
            _("version %(version)s") % {"version": station.firmware},
            reverse("admin:stations_station_change", args=[station.pk]),
        ),
        "firmware",
        Urgency.NOTE,
        _("Boards with the firmware of an earlier version"),
        _("They go on reporting. When one is at hand anyway, flash_station gives it that of version %(version)s.")
        % {"version": __version__},
    )
