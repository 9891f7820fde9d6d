"""A line in the log for each 403 of somebody who has logged in: they tried what they may not do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path

from freetemp.http.private_answers import may_see_more
from freetemp.http.proxies import client_address

logger = logging.getLogger(__name__)


class RefusalMiddleware:
    """Strangers' 403s are in the lists of wrong keys and wrong passwords. What does not exist for somebody is a 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.FORBIDDEN and may_see_more(request):
            user = getattr(request, "user", None)
            if user is not None and user.is_authenticated:
                where = escape_uri_path(request.path_info)
                address = client_address(request.META)
                logger.warning("Refused to user %d from %s: %s %s.", user.pk, address, request.method, where)
        return response
