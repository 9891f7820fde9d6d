"""Views that are imported when somebody asks for them: those of second factors load 6 MB, which few servers use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from freetemp.logins.places import View


def lazily(name: str) -> View:
    """Return a view that stands for the one with a dotted name."""

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _view(name)(request, *args, **kwargs)

    return view


def _view(name: str) -> View:
    found: View = import_string(name)
    return found
