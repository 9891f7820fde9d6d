"""Logins take little of the server: checking a password takes a processor for a quarter of a second.

A login that finds no place, or whose network sent wrong passwords, is answered at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from freetemp.http.language import chosen
from freetemp.logins import wrong_passwords
from freetemp.translations import in_language

RETRY_AFTER_S = 2
LONGEST_IN_SECONDS = 90

View = Callable[..., HttpResponseBase]

# Whoever holds it has a password checked. A process has one: with two, boards wait for longer (benchmarks/README.md).
place = Lock()


def one_at_a_time(view: View) -> View:
    """Have a view that checks a password called only if there is a place for it and its network need not wait."""

    @wraps(view)
    def in_its_place(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        request.POST  # noqa: B018 - A slow client sends its form before it has a place.
        if not place.acquire(blocking=False):
            return _no_place(request)
        try:
            return guessed(request) or view(request, *args, **kwargs)
        finally:
            place.release()

    return in_its_place


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a login that cannot be taken now, or None."""
    return guessed(request) or (_no_place(request) if place.locked() else None)


def guessed(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a network that has to wait, or None."""
    wait_s = wrong_passwords.wait_s(request.META)
    return later(request, wait_s) if wait_s else None


def _no_place(request: HttpRequest) -> HttpResponse:
    return later(request, RETRY_AFTER_S, has_guessed=False)


def later(request: HttpRequest, wait_s: int, *, has_guessed: bool = True, is_of_account: bool = False) -> HttpResponse:
    """Answer a login that has to come again, in the language of the browser: the admin itself is in English only."""
    with in_language(chosen(request) or translation.get_language_from_request(request)):
        content = {"wait": in_words(wait_s), "has_guessed": has_guessed, "is_of_account": is_of_account}
        page = render_to_string("login_later.html", content | {"address": request.get_full_path()})
    headers = {"Retry-After": str(wait_s), "Cache-Control": "no-store"}
    return HttpResponse(page, status=429, headers=headers)


def in_words(wait_s: int) -> str:
    """Return a wait in seconds, or in minutes if it is long. It never says less than the wait."""
    if wait_s <= LONGEST_IN_SECONDS:
        return ngettext("%(count)d second", "%(count)d seconds", wait_s) % {"count": wait_s}
    minutes = -(-wait_s // 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
