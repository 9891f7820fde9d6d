"""Views that are imported when somebody asks for them: those of second factors load 6 MB, which few servers use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from freetemp.logins.places import View


def lazily(name: str) -> View:
    """Return a view that stands for the one with a dotted name."""

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _view(name)(request, *args, **kwargs)

    return view


def of_sign_on(name: str) -> View:
    """Return the same for a view of the single sign-on: a server without one does not have it."""
    lazy = lazily(name)

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.OIDC is None:
            raise Http404
        return lazy(request, *args, **kwargs)

    return view


def _view(name: str) -> View:
    found: View = import_string(name)
    return found
