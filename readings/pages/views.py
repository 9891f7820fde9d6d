"""The pages for viewers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.generic import DetailView, TemplateView

from freetemp.first_style import FirstStyle
from freetemp.prepared import PreparedQuery
from readings.charts.sharing import home
from readings.display.period_form import PeriodForm
from readings.pages.corrections import Corrections
from readings.pages.home_page import Card, cards_of, counted
from readings.pages.kept_pages import etag_of, takes_kept, unless_unchanged
from readings.pages.preferences import ViewerMixin
from readings.pages.station_page import StationPage
from stations.models import Field, Station

PARTS_HEADER = "X-Parts"
FIRST_STYLE = ("css/base.css", "css/station.css")
_PUBLIC_STATION = PreparedQuery(lambda pk: Station.objects.visible_to(AnonymousUser()).filter(pk=pk), 1)
_FIELDS = PreparedQuery(lambda station: Field.objects.filter(station=station), 1)


class HomeView(ViewerMixin, TemplateView):
    """Every station with its newest values and its last day as a small line."""

    template_name = "pages/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        stations = Station.objects.visible_to(self.request.user).filter(active=True)
        cards = cards_of(stations, context["now"], self.request.user)
        wanted = self.request.GET.get("q", "").strip()
        return context | {
            "cards": cards,
            "counts": counted(cards),
            "home": home(),
            "wanted": wanted,
            "found": {card for card in cards if not wanted or card.has(wanted)},
            "tiles": settings.MAP_TILES if any(card.location for card in cards) else None,
            "off_map": self._off_map(cards),
            "credit": settings.MAP_CREDIT,
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if tiles := context["tiles"]:
            response._csp_update = {"img-src": [tiles.origin]}  # type: ignore[attr-defined] # As csp_update does.
        return response

    def _off_map(self, cards: list[Card]) -> int:
        """Return how many stations staff want on a map that the settings do not provide; viewers are not told."""
        is_told = settings.MAP_TILES is None and getattr(self.request.user, "is_staff", False)
        return sum(card.station.on_map for card in cards) if is_told else 0


class StationView(ViewerMixin, DetailView[Station]):
    """A station's history: newest values, today, a period with its chart and its table.

    A script that swaps parts of a page names them in `X-Parts`, and gets only these.
    """

    template_name = "pages/station.html"
    context_object_name = "station"

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get_object(self, queryset: QuerySet[Station] | None = None) -> Station:
        if getattr(self.request.user, "is_staff", False):
            return super().get_object(queryset)
        station = _PUBLIC_STATION.first(self.kwargs["pk"])
        if station is None:
            raise Http404
        station.take_fields(_FIELDS.all(station.pk))
        return station

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object, self.now = self.get_object(), timezone.now()
        self.is_whole = PARTS_HEADER not in request.headers
        self.style = FirstStyle.of(*FIRST_STYLE) if self.is_whole else None
        self.corrections = Corrections(self.object, list(self.object.fields.all()), request.user)
        response = self._unless_unchanged() if takes_kept(request) else self._draw()
        patch_vary_headers(response, [PARTS_HEADER])
        if self.style:
            response._csp_update = {"style-src": [self.style.source]}  # type: ignore[attr-defined]
        return response

    def _unless_unchanged(self) -> HttpResponse:
        etag = etag_of(self.request, self.corrections, self.units, self.now, self.style)
        return unless_unchanged(self.request, etag, self.now, self._draw)

    def _draw(self) -> HttpResponse:
        form = PeriodForm(self.request.GET, station=self.object)
        navigation = form.get_navigation(self.now)
        page = StationPage(navigation, self.units, self.is_whole, self.corrections)
        context = self.get_context_data(form=form) | page.content() | {"now": self.now, "first_style": self.style}
        return self.render_to_response(context, status=400 if form.errors else 200)
