"""Asks who is here, by the password or a second factor, before what would hurt most: for five minutes it is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from accounts.rule import can_confirm

Method = Callable[..., Any]

# A form that is sent waits in the session, and is done once it is confirmed. It is for forms without passwords.
once_confirmed = method_decorator(reauthentication_required(enabled=can_confirm, allow_get=True))


def confirmed_before(method: Method) -> Method:
    """Ask before a page of an admin that takes a password is shown: what is typed there is not kept meanwhile."""

    @wraps(method)
    def asked(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _question(request) or method(self, request, *args, **kwargs)

    return asked


def confirmation(request: HttpRequest) -> HttpResponseRedirect | None:
    """Return the way to the question, and back to this page, for a form that is sent; or None if it may be taken."""
    return _question(request) if request.method == "POST" else None


def _question(request: HttpRequest) -> HttpResponseRedirect | None:
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not ways or not is_reauthentication_required(request, app=""):
        return None
    return HttpResponseRedirect(f"{ways[0]['url']}?{urlencode({'next': request.get_full_path()})}")
