"""The language that pages are written in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

# The admin is written in one language, and what programs read does not change with their headers.
IN_ONE_LANGUAGE = ("/admin/", "/api/")


class LanguageMiddleware:
    """Writes pages in the language of `?lang=de`, else of the viewer's cookie, else of what the browser prefers.

    Django's LocaleMiddleware knows neither the first nor addresses whose language does not change.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(IN_ONE_LANGUAGE):
            return self.get_response(request)
        language = chosen(request) or translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        # A view that says it itself went by the address alone: a picture is the same for everybody.
        if "Content-Language" not in response:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
            response.headers["Content-Language"] = language
        return response


def chosen(request: HttpRequest) -> str | None:
    """Return the language that the address asks for, `de` for `de-AT` too, where there is such a one."""
    try:
        return translation.get_supported_language_variant(request.GET.get("lang", "").lower())
    except (LookupError, ValueError):  # The latter of a name that is too long.
        return None
