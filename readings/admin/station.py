"""The list of stations: each shows its last day as a small line, which links to its charts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from readings.charts.sparkline import sparklines
from stations.admin.stations import StationAdmin, extends_stations
from stations.models import Station


class StationList(ChangeList):
    """One page of stations, each with `line`: its first field's last day. One query covers all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        lines = sparklines(self.result_list, timezone.now())
        for station in self.result_list:
            station.line = lines.get(station.pk)


@extends_stations
class MeasuredStationAdmin(StationAdmin):
    """The registry's own pages, with the measurements of its stations."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StationList

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["last_day" if name == "page" else name for name in super().get_list_display(request)]

    @admin.display(description="last day")
    def last_day(self, station: Station) -> str:
        context = {"station": station, "line": getattr(station, "line", None)}
        return render_to_string("admin/readings/last_day.html", context)
