"""The short way through Django for boards: no host check, no cookie, no redirect, nothing but the view."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]

PREFIX = "/update/"
BATCHES = "/api/v1/readings/"


class DeviceHandler(BaseHandler):
    """Django's request handler with its exception handling and without any middleware."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]


class DeviceMiddleware:
    """Answer the boards' paths before any other middleware, through their own URLconf and error handlers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.device_handler = DeviceHandler()
        self.device_handler.load_middleware()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not (request.path_info.startswith(PREFIX) or request.path_info == BATCHES):
            return self.get_response(request)
        request.urlconf = settings.DEVICE_URLCONF
        return cast(HttpResponseBase, self.device_handler._middleware_chain(request))
