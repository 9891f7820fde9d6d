"""Whoever must show a second factor, and has not, is nobody until then."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from accounts.rule import is_half_in

# The pages of a login, of second factors, and of confirming who is here.
FOR_HALF_IN = (
    *("/account/login/", "/account/logout/", "/account/second-factor/"),
    *("/account/confirm/", "/account/sso/confirm/", "/account/sso/callback/"),
)


class SecondFactorMiddleware:
    """Makes a session without the second factor that its person must show a visitor's, until it is shown.

    So no view has to ask, and a session that was made before the rule or the factor ends with it. It costs nothing:
    the person is looked up when a view asks who it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SECOND_FACTOR != "optional" and not request.path_info.startswith(FOR_HALF_IN):
            user = request.user
            request.user = SimpleLazyObject(lambda: _whole(request, user))  # type: ignore[assignment]
        return self.get_response(request)


def _whole(request: HttpRequest, user: User | AnonymousUser) -> User | AnonymousUser:
    return AnonymousUser() if is_half_in(request, user) else user
