"""The short way for programs without a session: past the middleware that serves sessions, forms and languages.

That takes a third of the time of a short series. Views with `needs_no_session` are asked in this way, and answer as in
the other one: only what refuses requests, adds headers or compresses answers is passed. Whoever may see more than the
public, by a session, a link or a token, comes by the long way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string

from freetemp.http.board_requests import View, view_for
from freetemp.http.private_answers import may_see_more

MARK = "needs_no_session"
PASSED = {
    "django.middleware.security.SecurityMiddleware",
    "freetemp.http.content_policy.ContentPolicyMiddleware",
    "freetemp.http.resource_policy.ResourcePolicyMiddleware",
    "freetemp.http.compression.CompressionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "freetemp.http.bodies.BodyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
}

Handler = Callable[[HttpRequest], HttpResponseBase]


class ShortWayMiddleware:
    """Answers such a request in the short way, and passes all others on."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response, self.short_way = get_response, convert_exception_to_response(_answer)
        for name in reversed([each for each in settings.MIDDLEWARE if each in PASSED]):
            self.short_way = convert_exception_to_response(import_string(name)(self.short_way))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = _view_for(request)
        if view is None:
            return self.get_response(request)
        request.user = AnonymousUser()
        request._view = view  # type: ignore[attr-defined] # for _answer()
        return cast(HttpResponseBase, self.short_way(request))


def _view_for(request: HttpRequest) -> View | None:
    return None if request.method != "GET" or may_see_more(request) else view_for(request.path_info, MARK)


def _answer(request: HttpRequest) -> HttpResponseBase:
    response: HttpResponseBase = request._view(request)  # type: ignore[attr-defined]
    patch_vary_headers(response, ["Cookie"])  # With a session, the answer may be another one.
    return response.render() if hasattr(response, "render") else response
