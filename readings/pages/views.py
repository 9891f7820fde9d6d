"""The pages for viewers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.generic import DetailView, TemplateView

from freetemp.first_style import FirstStyle
from freetemp.prepared import PreparedQuery
from readings.charts.sharing import home
from readings.display.period_form import PeriodForm
from readings.pages.card_html import CardHtml
from readings.pages.corrections import Corrections
from readings.pages.further import html_of_parts, state_of_parts
from readings.pages.home_page import cards_of, counted
from readings.pages.kept_pages import etag_of, etag_of_home, takes_kept, unless_unchanged
from readings.pages.preferences import ViewerMixin
from readings.pages.station_page import StationPage
from stations.access import access_of
from stations.models import Field, Station

PARTS_HEADER = "X-Parts"
FIRST_STYLE = ("css/base.css", "css/station.css")
_PUBLIC_STATION = PreparedQuery(lambda pk: Station.objects.visible_to(AnonymousUser()).filter(pk=pk), 1)
_FIELDS = PreparedQuery(lambda station: Field.objects.filter(station=station), 1)


_ITEMS = SafeString("<!-- items -->")  # No text of a station or a viewer can be the same: its < would be escaped.


class HomeView(ViewerMixin, TemplateView):
    """Every station with its newest values and its last day as a small line."""

    template_name = "pages/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        self.cards = cards_of(request.user, now)
        self.tiles = settings.MAP_TILES if any(card.location for card in self.cards) else None
        self.wanted = request.GET.get("q", "").strip()
        self.found = {card for card in self.cards if not self.wanted or card.has(self.wanted)}
        self.items = CardHtml(self.units, now, has_map=self.tiles is not None).items(self.cards, self.found)
        response = self._unless_unchanged(now) if takes_kept(request) else self._draw()
        if self.tiles:
            response._csp_update = {"img-src": [self.tiles.origin]}  # type: ignore[attr-defined] # As csp_update does.
        return response

    def _unless_unchanged(self, now: datetime) -> HttpResponse:
        etag = etag_of_home(self.request, self.units, self.items)
        return unless_unchanged(self.request, etag, now, self._draw)

    def _draw(self) -> HttpResponse:
        response = cast(TemplateResponse, self.render_to_response(self.get_context_data()))
        response.add_post_render_callback(self._put_items)
        return response

    def _put_items(self, response: HttpResponse) -> None:
        """Put the cards into a page. Django would copy half a megabyte of them ten times, once for each block."""
        response.content = response.content.replace(_ITEMS.encode(), self.items, 1)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "cards": self.cards,
            "items": _ITEMS,
            "counts": counted(self.cards),
            "home": home(),
            "wanted": self.wanted,
            "found": self.found,
            "tiles": self.tiles,
            "off_map": self._off_map(),
            "credit": settings.MAP_CREDIT,
        }

    def _off_map(self) -> int:
        """Return how many stations staff want on a map that the settings do not provide; viewers are not told."""
        is_told = settings.MAP_TILES is None and getattr(self.request.user, "is_staff", False)
        return sum(card.station.on_map for card in self.cards) if is_told else 0


class StationView(ViewerMixin, DetailView[Station]):
    """A station's history: newest values, today, a period with its chart and its table.

    A script that swaps parts of a page names them in `X-Parts`, and gets only these.
    """

    template_name = "pages/station.html"
    context_object_name = "station"

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get_object(self, queryset: QuerySet[Station] | None = None) -> Station:
        """Return the station, for the public by the shorter way."""
        if not access_of(self.request.user).is_public:
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
        etag = etag_of(self.request, self.corrections, self.units, self.now, self.style, self._further())
        return unless_unchanged(self.request, etag, self.now, self._draw)

    def _further(self) -> object:
        return state_of_parts(self.object, self.now) if self.is_whole else None

    def _draw(self) -> HttpResponse:
        form = PeriodForm(self.request.GET, station=self.object)
        navigation = form.get_navigation(self.now)
        page = StationPage(navigation, self.units, self.is_whole, self.corrections)
        context = self.get_context_data(form=form) | page.content() | {"now": self.now, "first_style": self.style}
        context["further"] = html_of_parts(self.object, self.now) if self.is_whole else ""
        return self.render_to_response(context, status=400 if form.errors else 200)
