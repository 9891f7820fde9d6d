"""Lets the user of a request be known to whatever is written down while it is answered."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit.actor import asking


class ActorMiddleware:
    """It comes after AuthenticationMiddleware. The user is looked up only if something is written down."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with asking(request):
            return self.get_response(request)
