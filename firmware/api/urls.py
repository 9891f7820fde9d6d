"""Flashing from elsewhere: the API that RemoteSource speaks."""

from django.urls import path, re_path

from firmware.api import views

urlpatterns = [
    path("", views.FactsView.as_view(), name="flash"),
    path("mac/", views.MacView.as_view(), name="flash-mac"),
    path("bundle/", views.BundleView.as_view(), name="flash-bundle"),
    path("reported/", views.ReportedView.as_view(), name="flash-reported"),
    path("image/", views.ImageView.as_view(), name="flash-image"),
    re_path(r"^image/(?P<sha256>[0-9a-f]{64})/\Z", views.ImageFileView.as_view(), name="flash-image-file"),
]
