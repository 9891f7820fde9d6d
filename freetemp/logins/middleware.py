"""Refuses most logins of a flood before they cost anything."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from freetemp.logins.places import guessed, refusal

# Where a password is checked, and where another secret is.
PASSWORDS = frozenset({"/admin/login/", "/account/login/", "/account/confirm/", "/account/password/"})
SECRETS = "/account/second-factor/"


class LoginMiddleware:
    """Answers a login that would be refused by the view. Here its form is not read, and no session is looked up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return _refusal(request) or self.get_response(request)


def _refusal(request: HttpRequest) -> HttpResponseBase | None:
    if request.method != "POST":
        return None
    if request.path_info in PASSWORDS:
        return refusal(request)
    return guessed(request) if request.path_info.startswith(SECRETS) else None
