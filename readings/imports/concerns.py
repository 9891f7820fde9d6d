"""Imports that came to no end while nobody looked, for an operator."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from readings.models import HistoryImport
from readings.models.history_import import State


def import_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the imports that have failed, or whose processes are gone: a day later, their files are too."""
    begun = HistoryImport.objects.filter(state__in=[State.RUNNING, State.FAILED]).select_related("station")
    rows = begun.defer("refused_lines", "summary", "choices")
    yield about(
        [each for each in rows if _is_over(each, survey)],
        _item,
        "imports",
        Urgency.NOTE,
        "Imports of history that came to no end",
        "What was stored stays. Import the file again to go on, nothing is stored twice, or forget it.",
    )


def _is_over(job: HistoryImport, survey: Survey) -> bool:
    return survey.has(job.station_id) and job.state_at(survey.at) in (State.STOPPED, State.FAILED)


def _item(job: HistoryImport) -> Item:
    url = reverse("admin:stations_import", args=[job.station_id, job.pk])
    return Item(str(job.station), f"{job.name}: {job.problem or 'the server was started anew meanwhile.'}", url)
