"""The addresses of boards, pages, files and the JSON API."""

from csp.decorators import csp_update
from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from readings.api.views import SeriesView, StationDetail, StationList, UnknownStation
from readings.charts.embed_view import EmbedView
from readings.charts.views import ChartView, PreviewView
from readings.compare.proposal import ProposeView
from readings.compare.views import (
    CompareChartView,
    CompareCsvView,
    CompareJsonView,
    CompareSpreadsheetView,
    CompareView,
)
from readings.files.views import ReadingsCsvView, ReadingsJsonView, ReadingsSpreadsheetView
from readings.foreign import awekas, channel, ecowitt, enviro, esphome, tasmota, thingspeak, wunderground
from readings.foreign.channel_view import ChannelView
from readings.foreign.views import (
    AwekasView,
    EcowittView,
    EnviroView,
    ESPHomeView,
    TasmotaView,
    ThingSpeakBulkView,
    ThingSpeakUpdateView,
    WeatherUndergroundView,
)
from readings.ingest.views import BatchView, UpdateView
from readings.metrics.views import MetricsView
from readings.pages.views import HomeView, StationView

# Swagger UI sets styles on its own elements; its scripts are files, like all others.
api_docs = csp_update({"style-src": ["'unsafe-inline'"]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))

# Each part may hold anything but a slash, so that the view says which one is wrong.
ONE_VALUE = r"^update/API_key=(?P<key>[^/]*)/mac=(?P<mac>[^/]*)/field=(?P<field>[^/]*)/data=(?P<data>[^/]*)/?$"

urlpatterns = [
    re_path(ONE_VALUE, UpdateView.as_view(), name="update"),
    re_path(thingspeak.UPDATE, ThingSpeakUpdateView.as_view()),
    # Its answer describes the expected form, also to a board whose address is slightly wrong: //update/, /Update.
    re_path("^(?:/*)[Uu][Pp][Dd][Aa][Tt][Ee]", UpdateView.as_view(schema=None)),
    path("api/v1/readings/", BatchView.as_view(), name="batch"),
    re_path(thingspeak.BULK, ThingSpeakBulkView.as_view()),
    re_path(channel.ROUTE, ChannelView.as_view()),
    re_path(ecowitt.ROUTE, EcowittView.as_view()),
    re_path(wunderground.ROUTE, WeatherUndergroundView.as_view()),
    re_path(awekas.ROUTE, AwekasView.as_view()),
    re_path(tasmota.ROUTE, TasmotaView.as_view()),
    re_path(esphome.ROUTE, ESPHomeView.as_view()),
    re_path(enviro.ROUTE, EnviroView.as_view()),
    path("", HomeView.as_view(), name="home"),
    path("stations/<int:pk>/", StationView.as_view(), name="station"),
    path("stations/<int:pk>/readings.csv", ReadingsCsvView.as_view(), name="readings-csv"),
    path("stations/<int:pk>/readings.json", ReadingsJsonView.as_view(), name="readings-json"),
    path("stations/<int:pk>/readings.xlsx", ReadingsSpreadsheetView.as_view(), name="readings-xlsx"),
    path("stations/<int:pk>/chart.svg", ChartView.as_view(), name="chart-svg"),
    path("stations/<int:pk>/preview.png", PreviewView.as_view(), name="preview-png"),
    path("stations/<int:pk>/embed/", EmbedView.as_view(), name="embed"),
    path("compare/", CompareView.as_view(), name="compare"),
    path("compare/propose/", ProposeView.as_view(), name="compare-propose"),
    path("compare/readings.csv", CompareCsvView.as_view(), name="compare-csv"),
    path("compare/readings.json", CompareJsonView.as_view(), name="compare-json"),
    path("compare/readings.xlsx", CompareSpreadsheetView.as_view(), name="compare-xlsx"),
    path("compare/chart.svg", CompareChartView.as_view(), name="compare-svg"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("api/v1/stations/", StationList.as_view(), name="api-stations"),
    path("api/v1/stations/<int:pk>/", StationDetail.as_view(), name="api-station"),
    path("api/v1/stations/<int:pk>/series/", SeriesView.as_view(), name="api-series"),
    path("api/v1/stations/<path:rest>/", UnknownStation.as_view()),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", api_docs, name="api-docs"),
]
