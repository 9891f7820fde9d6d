"""Cache-Control for whoever sees more than everybody."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control


def may_see_more(request: HttpRequest) -> bool:
    """Tell whether a request has a session, has opened a link, or brings a token, and so may be shown more."""
    cookies = request.COOKIES
    return (
        settings.SESSION_COOKIE_NAME in cookies
        or settings.LINK_COOKIE_NAME in cookies
        or request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
    )


class PrivateAnswersMiddleware:
    """Has nobody keep what is answered to a session, a link or a token: a station that is not public may be in it.

    Not every proxy heeds `Vary: Cookie`, and a browser's way back leads to old pages after a logout. A view that knows
    better has a Cache-Control of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if may_see_more(request) and "Cache-Control" not in response.headers:
            patch_cache_control(response, private=True, no_store=True)
        return response
