"""The addresses of people and programs. Those of boards are in device_urls.py."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from readings.admin.overview import OverviewView

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/overview/", admin.site.admin_view(OverviewView.as_view()), name="overview"),
    path("admin/", admin.site.urls),
    path("api/v1/flash/", include("firmware.api.urls")),
    path("", include("readings.urls")),
]
