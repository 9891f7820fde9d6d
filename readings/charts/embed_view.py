"""A station's newest values and a chart, for embedding in another site's page."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_exempt

from readings.charts.facts import short_of
from readings.charts.forms import EmbedForm, PictureForm, title_of
from readings.charts.sharing import absolute
from readings.charts.views import SharedView, shared
from readings.display.values import newest
from readings.history.sums import since_midnight
from readings.history.totals import History
from stations.models import Station

# For a browser without scripts: the chart's width and height in a frame of at most so many pixels.
PICTURES = {360: (320, 130), 560: (520, 200), 840: (800, 300)}
WIDEST = (1200, 420)


@method_decorator([xframe_options_exempt, csp_replace({"frame-ancestors": ["*"]})], name="dispatch")
class EmbedView(SharedView):
    """The one page that other sites may put into a frame. It reads no cookie and sets none."""

    form_class = EmbedForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            # The usual page may not be in a frame: its site would show a browser's error.
            return render(request, "charts/no_station.html", status=404)

    def answer(self, station: Station, form: PictureForm) -> HttpResponse:
        response = render(self.request, "charts/embed.html", self.content(station, form))
        if station.public:
            # A frame in a sandbox has no origin: without this, its own script could not fetch new values.
            response["Access-Control-Allow-Origin"] = "*"
        return shared(self.request, station.public, response, max_age_s=0)

    def content(self, station: Station, form: PictureForm) -> dict[str, Any]:
        field, period, picture = form.cleaned_data["field"], form.get_period(), self._picture(form)
        found = History(station, [field]).extremes(period.start, period.end) if field else {}
        extremes = found.get(field.number) if field else None
        fields = sorted(station.fields.all(), key=lambda each: each != field)  # The chart's field comes first.
        units, sums = form.cleaned_data["units"], since_midnight(fields, form.now)
        return form.cleaned_data | {
            "station": station,
            "page": absolute("station", station),
            "fields": fields,
            "values": [(each, *newest(each, units, sums.get((station.pk, each.number)))) for each in fields],
            "main_figure": short_of(extremes, field, period, units) if extremes and field else "",
            "title": title_of(period, form.now),
            "now": form.now,
            "picture": picture,
            "pictures": [(most, f"{picture}&width={w}&height={h}") for most, (w, h) in PICTURES.items()],
            "widest": f"{picture}&width={WIDEST[0]}&height={WIDEST[1]}",
        }

    def _picture(self, form: PictureForm) -> str:
        """Return the address of the chart, without its size."""
        query = self.request.GET.copy()
        for name in ("width", "height", "lang", "plain"):
            query.pop(name, None)
        if not query.get("period") and form.asks_for_last_day:
            query["period"] = form.default_period
        query["lang"], query["plain"] = form.cleaned_data["lang"], "1"
        return f"{reverse('chart-svg', args=[self.object.pk])}?{query.urlencode()}"
