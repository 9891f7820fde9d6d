"""The answers to requests that fail before or outside a view. They ask nothing of the database."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_AFTER_S = 30
LONGEST_HOST = 100


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refuses. A newcomer's phone meets a wrong host, which has words of its own."""
    content = {}
    if isinstance(exception, DisallowedHost):
        content = {"host": request.META.get("HTTP_HOST", "")[:LONGEST_HOST], "server_url": settings.SERVER_URL}
    return HttpResponse(render_to_string("400.html", content), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 if it is the database that cannot answer: locked, away, read-only, or without room."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    return HttpResponse(render_to_string("500.html"), status=500)
