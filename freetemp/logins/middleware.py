"""Refuses most logins of a flood before they cost anything."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from freetemp.logins.views import refusal

LOGIN = "/admin/login/"


class LoginMiddleware:
    """Answers a login that would be refused by the view. Here its form is not read, and no session is looked up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_login = request.method == "POST" and request.path_info == LOGIN
        return (is_login and refusal(request)) or self.get_response(request)
