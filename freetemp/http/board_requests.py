"""The short way for boards: their two paths are answered before Django, which they need nothing of.

No host check, cookie, redirect, signal, resolver or view class: they cost three times what a report needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from freetemp.http.proxies import says_https

PREFIX = "/update/"
BATCHES = "/api/v1/readings/"

Environ = dict[str, Any]  # what a WSGI server tells of a request (PEP 3333)
Application = Callable[[Environ, Any], Iterable[bytes]]

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Answer(NamedTuple):
    """What a board is answered: a line, and as few headers as tell it how to read that."""

    status: int
    line: bytes
    headers: list[tuple[str, str]]


def path_of(environ: Environ) -> str:
    """Return the path that was asked for. A server gives its bytes one character each."""
    path = str(environ["PATH_INFO"])
    return path if path.isascii() else get_path_info(environ)


def is_for_boards(path: str) -> bool:
    return path.startswith(PREFIX) or path == BATCHES


class DeviceApplication:
    """The WSGI application: boards are answered here, and everybody else by the one that it is given."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.answer: Callable[[Environ], Answer] = import_string(settings.DEVICE_VIEW)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not is_for_boards(environ["PATH_INFO"]):
            if says_https(environ):
                environ["wsgi.url_scheme"] = "https"  # Not every WSGI server does this, and each by rules of its own.
            return self.application(environ, start_response)
        close_old_connections()  # As Django does at the start of its own requests.
        status, line, headers = self.answer(environ)
        start_response(_STATUS_LINES[status], headers)
        return [line]


class DeviceMiddleware:
    """The same within Django, for what calls it without freetemp.wsgi: its test client, for one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.answer: Callable[[Environ], Answer] = import_string(settings.DEVICE_VIEW)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_for_boards(request.path_info):
            return self.get_response(request)
        path = request.path_info.encode().decode("latin-1")  # As a server gives it: Django has decoded it already.
        status, line, headers = self.answer({**request.META, "PATH_INFO": path})
        return HttpResponse(line, status=status, headers=dict(headers))
