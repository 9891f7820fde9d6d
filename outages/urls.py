"""The address of a station's outages."""

from django.urls import path

from outages.views import OutagesView

urlpatterns = [
    path("stations/<int:pk>/outages/", OutagesView.as_view(), name="station-outages"),
]
