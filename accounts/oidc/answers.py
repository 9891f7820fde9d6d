"""Pages of the single sign-on: the one that leads to the provider, and a sentence for whatever fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.oidc import handshake
from accounts.oidc.errors import ProviderError, RefusedError
from accounts.oidc.handshake import Handshake
from accounts.oidc.provider import ours
from freetemp.http.proxies import client_address, client_network
from freetemp.logins.places import later
from freetemp.shared_counts import SharedCounts

logger = logging.getLogger(__name__)

EXPECTED = (RefusedError, ProviderError, OperationalError)
# Logins of a network within a minute: each asks the provider some times. A class logs in at once.
MOST_LOGINS, WITHIN_S = 60, 60
RETRY_AFTER_S = 10
# Whoever holds one waits for the provider. A process that answers people has eight threads, and pages need some.
_places = BoundedSemaphore(3)
_logins = SharedCounts("Single sign-ons")

View = Callable[..., HttpResponse]


def told(view: View) -> View:
    """Have whatever is expected to fail in a view be a page with a sentence, and keep no answer."""

    @never_cache
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except EXPECTED as error:
            return failed(request, error)

    return answered


@contextmanager
def place() -> Iterator[None]:
    """Take one of the few places for waiting for the provider, or raise RefusedError at once."""
    if not _places.acquire(blocking=False):
        raise RefusedError(_("Many people log in just now. Try again in a few seconds."), 503)
    try:
        yield
    finally:
        _places.release()


def begin(request: HttpRequest, purpose: str) -> HttpResponse:
    """Answer with a page that leads to the provider, and have the browser keep what it needs to come back.

    It is a page and no redirect. Chromium holds all redirects that follow a form against the policy's `form-action`,
    those of the provider to other sites too, and nobody knows these.
    """
    if is_flood(request, "begun"):
        return later(request, WITHIN_S, has_guessed=False)
    _require_own_address(request)
    person = request.user.pk if request.user.is_authenticated else None
    begun = Handshake.new(purpose, person, get_next_redirect_url(request) or "")
    with place():
        address = begun.address(ours())
    response = render(request, "account/sso_go.html", {"address": address, "name": ours().name})
    handshake.keep(response, begun)
    return response


def is_flood(request: HttpRequest, what: str) -> bool:
    """Count a login that a network begins, or comes back from, and tell whether these are too many within a minute."""
    return _logins.exceeds(MOST_LOGINS, f"sign-ons-{what}:{client_network(request.META)}", WITHIN_S)


def _require_own_address(request: HttpRequest) -> None:
    """Raise RefusedError at another name of this server: the provider sends browsers back to the one that it knows."""
    if request.get_host() != urlsplit(settings.SERVER_URL).netloc:
        raise RefusedError(_("The single sign-on works at %(url)s only.") % {"url": settings.SERVER_URL}, 400)


def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer with a sentence. What the provider sent is not in it, nor in the log."""
    groups: tuple[str, ...] | None = None
    if isinstance(error, RefusedError):
        sentence, status, groups = str(error), error.status, error.groups
        if error.why:
            address = client_address(request.META) or "an unknown address"
            logger.warning("A single sign-on from %s was refused: %s.", address, error.why)
    elif isinstance(error, ProviderError):
        logger.warning("The single sign-on failed at its provider: %s.", error)
        sentence = _("%(name)s does not answer as it should, so nobody can log in by it now.")
        sentence, status = sentence % {"name": ours().name}, 503
    else:
        logger.warning("The single sign-on failed: the database cannot be written.")
        sentence, status = _("The database cannot be written now, so your groups cannot be looked at."), 503
    content = {"sentence": sentence, "groups": groups, "name": ours().name, "next": _there(request)}
    response = render(request, "account/sso_failed.html", content, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _there(request: HttpRequest) -> str:
    return get_next_redirect_url(request) or ""
