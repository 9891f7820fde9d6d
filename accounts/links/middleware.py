"""Lets whoever has opened a link see its station."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from accounts.links.cookie import texts_in
from accounts.links.viewer import with_links
from freetemp.http.secret_addresses import keep_secret


class LinkMiddleware:
    """Looks at a browser's links if a view asks who it is. Pages of staff and of accounts are no matter of links."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        texts = texts_in(request)
        if not texts or request.path_info.startswith(("/admin/", "/account/")):
            return self.get_response(request)
        before = request.user
        request.user = SimpleLazyObject(lambda: with_links(before, texts))  # type: ignore[assignment]
        response = self.get_response(request)
        patch_vary_headers(response, ["Cookie"])
        return keep_secret(response)
