"""The page that compares fields, its picture, and its files."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from freetemp.translations import in_language
from readings.calendar.navigation import Navigation
from readings.charts.forms import title_of
from readings.charts.views import HEIGHT, PICTURE_POLICY, WIDTH, shared
from readings.compare.chosen import MOST_FIELDS, Chosen, chosen
from readings.compare.forms import ComparedPeriodForm, ComparedPictureForm
from readings.compare.page import ComparePage, choices
from readings.compare.picture import A_LEGEND_LINE, ComparedPicture
from readings.compare.proposal import may_propose
from readings.display.period_form import PeriodForm
from readings.files.views import ReadingsCsvView, ReadingsJsonView, ReadingsSpreadsheetView, ReadingsView, line
from readings.pages.preferences import ViewerMixin
from readings.pages.views import PARTS_HEADER
from stations.models import Field
from stations.units import METRIC, Units


class CompareView(ViewerMixin, TemplateView):
    """Fields of one or several stations on one chart, with their differences and a table.

    What cannot be shown is left out with a sentence, and the answer is 400; 404 if nothing is left.
    """

    template_name = "compare/page.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response.status_code = self.status
        patch_vary_headers(response, [PARTS_HEADER])
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found = chosen(self.request.GET.getlist("field"), self.request.user, self.units)
        context |= {"chosen": found, "choices": choices(self.request.user, found), "most": MOST_FIELDS}
        self.status = 400 if found.sentences else 200
        return context | self._history(context, found) if found.lines else context | self._nothing(found)

    def _history(self, context: dict[str, Any], found: Chosen) -> dict[str, Any]:
        form = ComparedPeriodForm(self.request.GET, found)
        navigation = form.get_navigation(context["now"])
        self.status = 400 if form.errors else self.status
        page = ComparePage(found, navigation, self.units, is_whole=PARTS_HEADER not in self.request.headers)
        corrected = {each.pk for each in found.stations if may_propose(self.request.user, each)}
        return {"form": form, "may_propose": corrected} | page.content()

    def _nothing(self, found: Chosen) -> dict[str, Any]:
        self.status = 404 if found.is_unknown else self.status
        return {}


class UnfitError(Exception):
    """The fields that an address names are not on one chart. It carries the sentences."""


def fitting(request: HttpRequest, units: Units) -> Chosen:
    """Return the chosen fields for a picture or a file, which cannot say what it leaves out: all of them fit.

    Raise Http404 if one is not there, and UnfitError if they do not fit on one chart.
    """
    found = chosen(request.GET.getlist("field"), request.user, units)
    if found.is_unknown:
        raise Http404
    if found.sentences or not found.lines:
        raise UnfitError("\n".join(found.sentences or [_("Name fields of stations, like ?field=1.1&field=2.1")]))
    return found


@method_decorator(csp(PICTURE_POLICY), name="dispatch")
class CompareChartView(View):
    """The chart as an SVG without any other files. Its address determines everything: no cookie changes it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            found = fitting(request, Units.parse(":".join(request.GET.getlist("units"))) or METRIC)
        except UnfitError as error:
            return line(str(error), status=400)
        form = ComparedPictureForm(request.GET, found)
        if not form.is_valid():
            return line("\n".join(form.sentences), status=400)
        with in_language(form.cleaned_data["lang"]):
            drawn = compared_picture(found, form).svg(form.cleaned_data["theme"])
        response = HttpResponse(drawn, content_type="image/svg+xml")
        response["Content-Language"] = form.cleaned_data["lang"]
        return shared(request, all(station.public for station in found.stations), response)


def compared_picture(found: Chosen, form: ComparedPictureForm) -> ComparedPicture:
    period, first = form.get_period(), found.lines[0]
    title, moments = title_of(period, form.now), Navigation(period, form.now).moments
    size = form.size(WIDTH, HEIGHT + A_LEGEND_LINE * len(found.lines))
    about = (first.station, first.field, period, title, moments, form.cleaned_data["units"])
    return ComparedPicture(*about, *size, form.cleaned_data["plain"], chosen=found)


class ComparedFile(ReadingsView):
    """The readings of the compared fields, one row per moment, by the first station's clock."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get(request, *args, **kwargs)
        except UnfitError as error:
            return line(str(error), status=400)

    def asked(self, **kwargs: Any) -> tuple[PeriodForm, list[Field], str]:
        found = fitting(self.request, METRIC)
        return ComparedPeriodForm(self.request.GET, found), found.fields, "comparison"


class CompareCsvView(ComparedFile, ReadingsCsvView):
    pass


class CompareJsonView(ComparedFile, ReadingsJsonView):
    pass


class CompareSpreadsheetView(ComparedFile, ReadingsSpreadsheetView):
    pass
