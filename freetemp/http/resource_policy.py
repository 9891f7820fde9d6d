"""Cross-Origin-Resource-Policy: which answers other sites may put into their pages."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "Cross-Origin-Resource-Policy"


class ResourcePolicyMiddleware:
    """Keeps every answer out of other sites' pages, unless its view says otherwise, as those of shared pictures do.

    Django has no setting for it. Static files are answered before: a frame in a sandbox has no origin, and so loads its
    style as another site would.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, "same-origin")
        return response
