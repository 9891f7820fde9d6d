"""/metrics: what Prometheus asks for."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.crypto import constant_time_compare
from django.views.generic import View

from readings.metrics.exposition import CONTENT_TYPE, exposition
from readings.pages.kept_stations import known_stations, seen_by

_BEARER = "bearer "


class MetricsView(View):
    """The newest values of active stations: public ones, all of them for METRICS_TOKEN, and those that the person of a
    session may see.

    A token of a person's programs has those that it may see. A wrong token is refused: whoever gives one wants the
    private stations, and would miss them without a word.
    """

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        token = _token_of(request)
        if token is not None and not _is_right(token):
            refused = HttpResponse("wrong token: METRICS_TOKEN has another one\n", "text/plain; charset=utf-8", 401)
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        stations = known_stations(everyone=True) if token else seen_by(request.user)
        text = exposition(stations, timezone.now())
        answer = HttpResponse(text, CONTENT_TYPE)
        if token:  # For a session the middleware says so.
            patch_cache_control(answer, private=True, no_store=True)
        return answer


def _token_of(request: HttpRequest) -> str | None:
    """Return the token that a request has, or None. One of a person's programs was looked at before."""
    if hasattr(request, "api_token"):
        return None
    given = request.headers.get("Authorization", "")
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else None


def _is_right(token: str) -> bool:
    return bool(settings.METRICS_TOKEN) and constant_time_compare(token, settings.METRICS_TOKEN)
