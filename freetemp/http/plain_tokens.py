"""Tokens that came by plain HTTP to a server with HTTPS."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

SENTENCE = "use https: this token may have been read on its way"


class PlainTokenMiddleware:
    """Refuses a token that was sent by plain HTTP. A redirect would do what was asked, and nobody would notice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SECURE_SSL_REDIRECT and "HTTP_AUTHORIZATION" in request.META and not request.is_secure():
            return HttpResponse(SENTENCE, status=403, content_type="text/plain; charset=utf-8")
        return self.get_response(request)
