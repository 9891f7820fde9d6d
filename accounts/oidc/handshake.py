"""The way to the provider and back: what a browser takes along, and how the answer is known to belong to it.

A cookie of the browser holds it, signed, so logins that are begun and left write no row.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.oidc import provider
from accounts.oidc.errors import RefusedError
from freetemp.conf.oidc import Oidc

LASTS_S = 600
LOGIN, CONNECT, CONFIRM = "login", "connect", "confirm"
CODE = re.compile(r"[\x20-\x7e]{1,4096}")  # RFC 6749, A.11


@dataclass(frozen=True)
class Handshake:
    """A login that has gone to the provider. All texts are random, and known to this browser only."""

    purpose: str
    state: str
    nonce: str
    verifier: str
    user: int | None  # Who connects, or confirms who is here.
    there: str  # Where to go afterwards.
    at: int

    @classmethod
    def new(cls, purpose: str, user: int | None, there: str) -> Handshake:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(purpose, state, nonce, verifier, user, there, int(time.time()))

    def address(self, oidc: Oidc) -> str:
        """Return the address at the provider to which the browser goes."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": oidc.client_id,
            "redirect_uri": redirect_uri(),
            "scope": oidc.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if self.purpose == CONFIRM:
            asked |= {"prompt": "login", "max_age": "0"}
        there = provider.endpoints(oidc).authorization
        return f"{there}{'&' if urlsplit(there).query else '?'}{urlencode(asked)}"


def redirect_uri() -> str:
    """Return the address to which the provider sends browsers back: it has to know it exactly."""
    return settings.SERVER_ORIGIN + reverse("sso_callback")


def keep(response: HttpResponseBase, handshake: Handshake) -> None:
    """Have the browser keep a handshake until it comes back."""
    response.set_cookie(
        _cookie(),
        signing.dumps(asdict(handshake), salt=__name__),
        max_age=LASTS_S,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # It comes back by a link of another site.
    )


def forget(response: HttpResponseBase) -> None:
    """Have the browser forget it: an answer counts once."""
    response.delete_cookie(_cookie(), path=settings.SESSION_COOKIE_PATH, samesite="Lax")


def resumed(request: HttpRequest) -> Handshake:
    """Return the handshake that an answer of the provider belongs to. Raises RefusedError if this browser has none."""
    try:
        held: dict[str, Any] = signing.loads(request.COOKIES.get(_cookie(), ""), salt=__name__, max_age=LASTS_S)
        handshake = Handshake(**held)
    except (signing.BadSignature, TypeError):
        handshake = None
    if handshake is None or not constant_time_compare(request.GET.get("state", ""), handshake.state):
        raise RefusedError(_("This login was begun somewhere else, or too long ago. Begin again."), 400)
    return handshake


def code_of(request: HttpRequest, oidc: Oidc) -> str:
    """Return the code that the provider sends. Raises RefusedError if it sends an error instead."""
    issuer = request.GET.get("iss", "")  # RFC 9207: whoever answers says so.
    if issuer and issuer != provider.endpoints(oidc).issuer:
        raise RefusedError(_("The answer came from somebody else than %(name)s.") % {"name": oidc.name}, 400)
    if request.GET.get("error") == "access_denied":
        sentence = _("The login at %(name)s was cancelled, or refused there.") % {"name": oidc.name}
        raise RefusedError(sentence, 403, why="it was cancelled or refused there")
    code = request.GET.get("code", "")
    if "error" in request.GET or not CODE.fullmatch(code):
        raise RefusedError(
            _("%(name)s did not log you in.") % {"name": oidc.name}, 400, why="it answered with an error"
        )
    return code


def _cookie() -> str:
    return str(settings.SESSION_COOKIE_NAME).replace("sessionid", "sign_on_secrets")
