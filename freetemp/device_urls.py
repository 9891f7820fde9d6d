"""The boards' URLs, resolved apart from the pages: no slash is added, and every error is a line of text."""

from django.urls import path, re_path

from readings.views.device import BatchView, UnreadableView, UpdateView

urlpatterns = [
    # The parts may hold anything but a slash, so that each gets an answer of its own. \Z: a $ would let a newline by.
    re_path(
        r"^update/API_key=(?P<key>[^/]*)/mac=(?P<mac>[^/]*)/field=(?P<field>[^/]*)/data=(?P<data>[^/]*)/?\Z",
        UpdateView.as_view(),
        name="update",
    ),
    re_path(r"^update/", UnreadableView.as_view()),
    path("api/v1/readings/", BatchView.as_view(), name="batch"),
]

handler400 = "readings.views.device.bad_request"
handler404 = "readings.views.device.not_found"
handler500 = "readings.views.device.server_error"
