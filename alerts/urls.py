"""The addresses at which a recipient answers a message, or ends letters."""

from django.urls import path

from alerts.views import LettersView, NoticeView

urlpatterns = [
    path("alerts/<int:pk>-<str:token>/", NoticeView.as_view(), name="notice"),
    path("alerts/letters/<int:pk>-<str:token>/", LettersView.as_view(), name="letters"),
]
