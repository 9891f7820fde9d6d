"""The page of a station's outages."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.views.generic import DetailView

from outages.causes import Cause
from outages.models import Outage
from outages.timeline import KINDS, Timeline, in_words
from outages.words import NAMES, told
from readings.pages.preferences import ViewerMixin
from stations.access import access_of
from stations.models import Station

A_PAGE = 50


class Shown(NamedTuple):
    """An outage in words."""

    kind: str
    name: str
    label: str
    length: str
    text: str


class OutagesView(ViewerMixin, DetailView[Station]):
    """What happened to a station: a year of its outages, each with its cause, and how sure that is."""

    template_name = "outages/station.html"
    context_object_name = "station"

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        now = context["now"]
        timeline = Timeline(self.object, now)
        years = timeline.years
        asked = self.request.GET.get("year", "")
        year = next((each for each in years if str(each) == asked), years[0] if years else now.year)
        newest_first = timeline.of_year(year).order_by("-began_at", "-pk")
        page = Paginator(newest_first, A_PAGE).get_page(self.request.GET.get("page"))
        shown = [self._shown(timeline, outage, now) for outage in page]
        return context | {
            "years": years,
            "year": year,
            "months": list(timeline.months(year)),
            "page": page,
            "outages": shown,
            "legend": _legend(),
        }

    def _shown(self, timeline: Timeline, outage: Outage, now: Any) -> Shown:
        cause = Cause(outage.cause)
        is_known = access_of(self.request.user).knows(self.object.pk)
        text = told(outage, to_public=not is_known) if outage.ended_at else _("It has not ended.")
        length = in_words(outage.length(now))
        return Shown(KINDS[cause], str(NAMES[cause]), timeline.label(outage), length, text)


def _legend() -> list[tuple[str, str]]:
    return [
        ("server", _("this server")),
        ("network", _("network")),
        ("power", _("power")),
        ("board", _("board or sensor")),
        ("unknown", _("not known")),
    ]
