"""Readings that may be wrong, for an operator: stations with proposals to set some aside, which wait for a decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.urls import reverse

from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from readings.models import SetAside
from readings.models.set_aside import Reason, State
from stations.admin.columns import thousands
from stations.models import Station


def proposal_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the stations with proposals, those with most of them first."""
    counts: dict[int, Counter[str]] = {}
    waiting = SetAside.objects.filter(state=State.PROPOSED).values_list("station", "reason")
    for station, reason in waiting:
        counts.setdefault(station, Counter())[reason] += 1
    found = [(station, counts[station.pk]) for station in survey.stations if station.pk in counts]
    yield about(
        sorted(found, key=lambda each: -each[1].total()),
        lambda each: _item(*each),
        "proposals",
        Urgency.NOTE,
        "Readings that may be wrong",
        "The server proposes to set them aside, and sets nothing aside itself. Accept or refuse each: what is accepted "
        "can be taken back, and what is refused is not proposed again (docs/proposals.md).",
        _address(),
    )


def _item(station: Station, counts: Counter[str]) -> Item:
    total = "1 proposal" if counts.total() == 1 else f"{thousands(counts.total())} proposals"
    reasons = ", ".join(
        f"{Reason(reason).label} ({count})" if count > 1 else Reason(reason).label
        for reason, count in counts.most_common()
    )
    return Item(str(station), f"{total}: {reasons}", f"{_address()}&station__id__exact={station.pk}")


def _address() -> str:
    return f"{reverse('admin:readings_setaside_changelist')}?state__exact={State.PROPOSED}"
