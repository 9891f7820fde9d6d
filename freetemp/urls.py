"""The addresses of freetemp: a few of its own, and those of each app."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from freetemp.http.health import AliveView, ReadyView
from freetemp.lean_imports import load_api_description
from freetemp.manifest import manifest
from freetemp.overview.views import OverviewView

handler400 = "freetemp.http.error_pages.bad_request"
handler500 = "freetemp.http.error_pages.server_error"

load_api_description()  # Before any module with addresses imports it.

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include("accounts.admin_urls")),
    path("admin/overview/", admin.site.admin_view(OverviewView.as_view()), name="overview"),
    path("admin/", admin.site.urls),
    path("account/", include("accounts.urls")),
    path("api/v1/flash/", include("firmware.api.urls")),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("", include("alerts.urls")),
    path("", include("outages.urls")),
    path("", include("readings.urls")),
    path("healthz", AliveView.as_view(), name="alive"),  # Behind those of boards, which are tried one after the other.
    path("readyz", ReadyView.as_view(), name="ready"),
]
