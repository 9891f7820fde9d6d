"""The imports' pages beside a station's form."""

from __future__ import annotations

from django.urls import URLPattern, path

from readings.imports.views import ImportsView, ImportView, PieceView, RefusedLinesView
from stations.admin.stations import StationAdmin, extends_stations

VIEWS = {
    "": (ImportsView, "stations_imports"),
    "<int:number>/": (ImportView, "stations_import"),
    "<int:number>/piece/": (PieceView, "stations_import_piece"),
    "<int:number>/refused.txt": (RefusedLinesView, "stations_import_refused"),
}


@extends_stations
class ImportingStationAdmin(StationAdmin):
    """The registry's own pages, with those of imports."""

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(f"import/<int:pk>/{end}", self.admin_site.admin_view(view.as_view(model_admin=self)), name=name)
            for end, (view, name) in VIEWS.items()
        ]
        return [*pages, *super().get_urls()]
