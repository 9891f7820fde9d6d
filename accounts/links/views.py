"""The address of a link: it leads to its station's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from accounts.links import cookie
from accounts.models import StationLink
from freetemp.http.secret_addresses import keep_secret
from stations.wrong_keys import wrong_keys


@method_decorator(never_cache, name="dispatch")
class LinkView(View):
    """Puts a link among those of the browser, and leads to the station. It is good for any number of browsers."""

    http_method_names = ["get", "head"]

    @method_decorator(sensitive_variables())
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        now = timezone.now()
        opened = StationLink.objects.of([token], now)
        if not opened:
            return keep_secret(_over(request))
        others = [text for text in cookie.texts_in(request) if text != token]
        links = [*opened, *StationLink.objects.of(others[: cookie.MOST - 1], now)]
        response = HttpResponseRedirect(opened[0].station.get_absolute_url())
        cookie.put(response, [token, *others], links, now)
        return keep_secret(response)


def _over(request: HttpRequest) -> HttpResponse:
    """Answer a link that has ended, is too old, or never was: it does not say which."""
    wait_s = wrong_keys.wait_s(request.META)
    context: dict[str, Any] = {"is_guessing": bool(wait_s)}
    page = render(request, "accounts/link_over.html", context, status=429 if wait_s else 404)
    if wait_s:
        page.headers["Retry-After"] = str(wait_s)
    return page
