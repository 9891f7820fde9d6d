"""The address at which a recipient answers a message."""

from django.urls import path

from alerts.views import NoticeView

urlpatterns = [
    path("alerts/<int:pk>-<str:token>/", NoticeView.as_view(), name="notice"),
]
