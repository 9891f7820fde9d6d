"""What viewers see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.generic import DetailView, ListView

from readings.almanac import almanac
from readings.cards import cards_of, counted
from readings.chart import chart
from readings.comparison import choices, comparison
from readings.coverage import coverage
from readings.derived import derived
from readings.forms import PeriodForm
from readings.history import History, by_field
from readings.navigation import Navigation
from readings.periods import Period
from readings.sharing import Sharing, home
from readings.sketch import brought, sketches
from readings.summaries import Extremes, Total
from readings.trend import Trend, trends
from readings.views.viewer import ViewerMixin
from stations.models import Field, Station

PARTS_HEADER = "X-Parts"


class HomeView(ViewerMixin, ListView[Station]):
    """Every station with its newest values and its last day as a small line."""

    template_name = "readings/home.html"
    context_object_name = "stations"

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields().filter(active=True)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        cards = cards_of(context["stations"], context["now"], self.request.user)
        wanted = self.request.GET.get("q", "").strip()
        return context | {
            "cards": cards,
            "counts": counted(cards),
            "home": home(),
            "wanted": wanted,
            "found": {card for card in cards if card.has(wanted)},
            "tiles": settings.MAP_TILES if any(card.location for card in cards) else None,
            "credit": settings.MAP_CREDIT,
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if tiles := context["tiles"]:
            response._csp_update = {"img-src": [tiles.origin]}  # type: ignore[attr-defined] # As csp_update does.
        return response


class StationView(ViewerMixin, DetailView[Station]):
    """A station's history: newest values, today, a period with its chart and its table.

    Whoever swaps parts of a page says so with `X-Parts`, and gets it without what is dear and not swapped: the almanac
    and what charts begin with.
    """

    template_name = "readings/station.html"
    context_object_name = "station"

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        if self.form.errors:
            response.status_code = 400
        patch_vary_headers(response, [PARTS_HEADER])
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        station, now = self.object, context["now"]
        self.form = PeriodForm(self.request.GET, station=station)
        navigation = self.form.get_navigation(now)
        period, fields = navigation.period, list(station.fields.all())
        history = History(station, fields)
        totals = history.by_part([period.start, *(part.end for part in period.parts)])
        extremes = history.located(by_field(totals), period.start, period.end)
        is_whole, has_readings = PARTS_HEADER not in self.request.headers, bool(extremes)
        drawn = sketches(fields, period, self.units) if is_whole and has_readings else {}
        newest = [field.newest_at for field in fields if field.newest_at]
        covered = coverage(station, fields, period.start, period.end, now) if extremes else {}
        return (
            context
            | {
                "form": self.form,
                "period": period,
                "navigation": navigation,
                "newest_period": navigation.around(max(newest)) if newest else None,
                "fields": fields,
                "today": _today(history, period, extremes, now),
                "has_readings": has_readings,
                "highlights": [(field, extremes.get(field.number), drawn.get(field.number)) for field in fields],
                "coverage": [(field, covered.get(field.number)) for field in fields],
                "table": _table(navigation, fields, totals),
                "almanac": is_whole and almanac(station, fields, period, now),
                "derived": derived(station, fields),
                "brought": drawn and brought(drawn, period.start, period.end),
                "sharing": Sharing(station, fields, navigation, self.units),
            }
            | self._compared(history, navigation)
        )

    def _compared(self, history: History, navigation: Navigation) -> dict[str, Any]:
        """Return the period that is asked for beside the one shown, its totals, and what the charts are told."""
        station, fields, now, found = history.station, list(history.fields), navigation.now, comparison(navigation)
        before = by_field(history.by_part([found.period.start, found.end])) if found and found.has_begun else {}
        return {
            "comparisons": choices(navigation),
            "compared": found,
            "before": before,
            "covered_before": coverage(station, fields, found.period.start, found.end, now) if found and before else {},
            "chart": chart(station, fields, navigation.period, self.units, now, found),
        }


Row = tuple[str, str, list[tuple[Field, Total | None]]]


def _today(
    history: History, period: Period, extremes: dict[int, Extremes], now: datetime
) -> list[tuple[Field, Extremes | None, Trend | None]]:
    """Return each field with its extremes of today and its trend. `extremes` are those of the period that is shown."""
    station, fields = history.station, list(history.fields)
    today = Period.containing(now.astimezone(station.zone).date(), "day", station.zone)
    is_shown = (today.start, today.end) == (period.start, period.end)
    of_today = extremes if is_shown else history.extremes(today.start, today.end)
    found = trends(station, fields, now)
    return [(field, of_today.get(field.number), found.get(field.number)) for field in fields]


def _table(navigation: Navigation, fields: list[Field], totals: dict[tuple[int, int], Total]) -> list[Row]:
    """Return a label, an address and each field's summary for every part of the period that has begun."""
    return [
        (part.label, navigation.of_part(part), [(field, totals.get((field.number, index))) for field in fields])
        for index, part in enumerate(navigation.period.parts)
        if part.start <= navigation.now
    ]
