"""The short way for boards: from the WSGI server to the view that the URLconf names, past all middleware.

Boards need no host check, session, cookie, redirect, language or header of a page. Middleware, signals and the walk
through the URLconf take several times what a board's view takes itself (docs/decisions/board-views.md). So the routes
of the views that say `answers_boards` are looked up in the URLconf once, and then tried before all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from django.core.handlers.wsgi import WSGIRequest, get_path_info
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from freetemp.http.proxies import says_https

Environ = dict[str, Any]  # what a WSGI server tells of a request (PEP 3333)
Application = Callable[[Environ, Any], Iterable[bytes]]
View = Callable[[HttpRequest], HttpResponse]


@cache
def board_routes() -> list[URLPattern]:
    """Return the routes of the URLconf whose views answer boards, in its order."""
    return [route for route in _routes(get_resolver().url_patterns) if _answers_boards(route)]


def _routes(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLPattern):
            yield each
        elif not str(each.pattern):  # An address of a board has no prefix.
            yield from _routes(each.url_patterns)


def _answers_boards(route: URLPattern) -> bool:
    return getattr(getattr(route.callback, "view_class", None), "answers_boards", False)


def view_for(path: str) -> View | None:
    """Return the view for a board's path with its arguments, or None for an address of people and programs."""
    if path.startswith("/"):
        for route in board_routes():
            if match := route.pattern.match(path[1:]):
                return partial(route.callback, **match[2])
    return None


class BoardRequests:
    """The WSGI application: boards are answered by their views, and everybody else by the application it is given."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]  # A server gives its bytes one character each.
        view = view_for(path if path.isascii() else get_path_info(environ))
        if view is None:
            if says_https(environ):
                environ["wsgi.url_scheme"] = "https"  # Not every WSGI server does this, and each by rules of its own.
            return self.application(environ, start_response)
        close_old_connections()  # As Django does at the start of its own requests.
        response = view(WSGIRequest(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]


class BoardMiddleware:
    """The same within Django, for what calls it without freetemp.wsgi: its test client, for one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return (view_for(request.path_info) or self.get_response)(request)
