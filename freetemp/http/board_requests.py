"""The short way for boards: from the WSGI server to the view that the URLconf names, past all middleware.

Boards need no host check, session, cookie, redirect, language or page header. Middleware, signals and the walk through
the URLconf take several times as long as a board's view itself (docs/decisions/board-views.md). So the routes of views
with `answers_boards` are looked up in the URLconf once, and are tried before everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest, get_path_info
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from freetemp.http.proxies import says_https
from freetemp.sql.waits import LONGEST_S, at_most, of_thread, waits

Environ = dict[str, Any]  # a request as a WSGI server describes it (PEP 3333)
Application = Callable[[Environ, Any], Iterable[bytes]]
View = Callable[[HttpRequest], HttpResponse]

BOARDS = "answers_boards"


@cache
def routes_with(mark: str) -> list[URLPattern]:
    """Return the routes to the views whose class has a mark, in the order of the URLconf."""
    return [route for route in _routes(get_resolver().url_patterns) if _has(route, mark)]


def _routes(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLPattern):
            yield each
        elif not str(each.pattern):  # An address with a short way has no prefix.
            yield from _routes(each.url_patterns)


def _has(route: URLPattern, mark: str) -> bool:
    return getattr(getattr(route.callback, "view_class", None), mark, False)


def view_for(path: str, mark: str = BOARDS) -> View | None:
    """Return the view and arguments for a board's path, or None for an address of people and programs.

    With another mark, it is the view for a path of the routes with that.
    """
    if path.startswith("/"):
        for route in routes_with(mark):
            if match := route.pattern.match(path[1:]):
                return partial(route.callback, **match[2])
    return None


def is_boards(target: bytes) -> bool:
    """Tell whether the target of a request, as it stands in its first line, is a board's address."""
    return view_for(path_of(target)) is not None


def path_of(target: bytes) -> str:
    """Return the path of a target, without the path of the server's address."""
    path = unquote_to_bytes(target.partition(b"?")[0]).decode(errors="replace")
    return _without(settings.FORCE_SCRIPT_NAME or "", path)


def take_path_away(environ: Environ, path: str) -> None:
    """Turn /weather/update/... into /update/... if the server's address has the path /weather.

    A proxy may have done so before. A board or a person may come past the proxy, too, and is answered all the same.
    """
    environ["PATH_INFO"] = _without(path, environ["PATH_INFO"])
    environ["SCRIPT_NAME"] = path


def _without(start: str, path: str) -> str:
    return path.removeprefix(start) or "/" if path == start or path.startswith(f"{start}/") else path


class BoardRequests:
    """The WSGI application. Boards' views answer boards, and the given application answers everybody else."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if settings.FORCE_SCRIPT_NAME:
            take_path_away(environ, settings.FORCE_SCRIPT_NAME)
        of_thread.answers = True
        path = environ["PATH_INFO"]  # A server passes each byte as one character.
        view = view_for(path if path.isascii() else get_path_info(environ))
        if view is None:
            if says_https(environ):
                environ["wsgi.url_scheme"] = "https"  # Not every WSGI server does this, and each has its own rules.
            return self.application(environ, start_response)
        close_old_connections()  # As Django does at the start of its own requests.
        if waits.have_an_end:
            with at_most(LONGEST_S):
                response = view(WSGIRequest(environ))
        else:
            response = view(WSGIRequest(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]


class BoardMiddleware:
    """The same within Django, for callers that bypass freetemp.wsgi, such as its test client."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return (view_for(request.path_info) or self.get_response)(request)
