"""The language of pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from freetemp.translations import in_language

# The admin has one language, and the API's answers do not change with a program's headers.
IN_ONE_LANGUAGE = ("/admin/", "/api/")


class LanguageMiddleware:
    """Sets a page's language: that of `?lang=de`, else of the viewer's cookie, else the browser's preference.

    Django's LocaleMiddleware supports neither `?lang=` nor addresses with a fixed language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(IN_ONE_LANGUAGE):
            return self.get_response(request)
        language = chosen(request) or translation.get_language_from_request(request)
        with in_language(language):
            response = self.get_response(request)
        # A view that sets it has used only the address: a picture is the same for everybody.
        if "Content-Language" not in response:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
            response.headers["Content-Language"] = language
        return response


def chosen(request: HttpRequest) -> str | None:
    """Return the language that the address asks for, `de` for `de-AT` too, or None if it is not available."""
    try:
        return translation.get_supported_language_variant(request.GET.get("lang", "").lower())
    except (LookupError, ValueError):  # A ValueError means that the name is too long.
        return None
