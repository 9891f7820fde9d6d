"""Charts and previews as pictures, for other sites and for sharing."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, cast

from csp.constants import NONE
from csp.decorators import csp
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.decorators import method_decorator
from django.views.generic.detail import BaseDetailView

from freetemp.translations import in_language
from readings.calendar.navigation import Navigation
from readings.charts.drawing_process import png
from readings.charts.forms import PictureForm, title_of
from readings.charts.link_preview import preview
from readings.charts.svg_chart import Picture
from stations.models import Station

MAX_AGE_S = 300
WIDTH, HEIGHT = 800, 400
# An SVG that is opened by itself is a document. It may use its own style and nothing else.
PICTURE_POLICY = {
    **{name: [NONE] for name in ("default-src", "form-action", "base-uri", "frame-ancestors")},
    "style-src": ["'unsafe-inline'"],
    "sandbox": True,
}


class SharedView(BaseDetailView[Station]):
    """A station's picture for other sites. Its address determines everything: no cookie changes it."""

    form_class: type[PictureForm] = PictureForm

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = self.form_class(request.GET, station=self.object)
        if not form.is_valid():
            return HttpResponse("\n".join(form.sentences), status=400, content_type="text/plain; charset=utf-8")
        with in_language(form.cleaned_data["lang"]):
            response = self.answer(self.object, form)
        response["Content-Language"] = form.cleaned_data["lang"]
        return response

    def answer(self, station: Station, form: PictureForm) -> HttpResponse:
        raise NotImplementedError


def shared(request: HttpRequest, public: bool, response: HttpResponse, max_age_s: int = MAX_AGE_S) -> HttpResponse:
    """Let caches keep what is public for minutes, and other sites show it. A private station's answer stays private."""
    if not public:
        patch_cache_control(response, private=True, no_store=True)
        return response
    patch_cache_control(response, public=True, max_age=max_age_s)
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if "ETag" not in response:
        response["ETag"] = f'"{sha256(response.content).hexdigest()[:32]}"'
    return cast(HttpResponse, get_conditional_response(request, etag=response["ETag"], response=response))


@method_decorator(csp(PICTURE_POLICY), name="dispatch")
class ChartView(SharedView):
    """A field's history as an SVG without any other files."""

    def answer(self, station: Station, form: PictureForm) -> HttpResponse:
        picture = picture_of(station, form, WIDTH, HEIGHT)
        response = HttpResponse(picture.svg(form.cleaned_data["theme"]), content_type="image/svg+xml")
        return shared(self.request, station.public, response)


class PreviewView(SharedView):
    """The picture that other sites show for a link: a station now and over its last 24 hours."""

    def answer(self, station: Station, form: PictureForm) -> HttpResponse:
        found = preview(station, form.cleaned_data["units"], form.now)
        etag = f'"{sha256(repr(found).encode()).hexdigest()[:32]}"'
        # A client that has this picture gets no new drawing.
        response = get_conditional_response(self.request, etag=etag) or HttpResponse(png(found), "image/png")
        response["ETag"] = etag
        return shared(self.request, station.public, response)


def picture_of(station: Station, form: PictureForm, width: int, height: int) -> Picture:
    """Return the picture that an address asks for. Raise Http404 if the station has no field."""
    field, period = form.cleaned_data["field"], form.get_period()
    if field is None:
        raise Http404
    plain = form.cleaned_data["plain"]
    title, moments = title_of(period, form.now), Navigation(period, form.now).moments
    return Picture(station, field, period, title, moments, form.cleaned_data["units"], *form.size(width, height), plain)
