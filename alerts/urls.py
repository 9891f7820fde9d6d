"""The addresses at which a recipient answers a message or ends letters, and at which a phone comes to take messages."""

from django.urls import path

from alerts.phone_views import PhoneManifestView, PhoneView, ServiceWorkerView
from alerts.views import LettersView, NoticeView

urlpatterns = [
    path("alerts/<int:pk>-<str:token>/", NoticeView.as_view(), name="notice"),
    path("alerts/letters/<int:pk>-<str:token>/", LettersView.as_view(), name="letters"),
    path("alerts/phone/<str:token>/", PhoneView.as_view(), name="phone"),
    path("alerts/phone/<str:token>/manifest.webmanifest", PhoneManifestView.as_view(), name="phone-manifest"),
    path("sw.js", ServiceWorkerView.as_view(), name="service-worker"),
]
