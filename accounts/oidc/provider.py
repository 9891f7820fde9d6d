"""What the provider says of itself, and the keys that it signs with: asked for once in some minutes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from accounts.oidc import asking
from accounts.oidc.errors import ProviderError
from freetemp.conf.loopback import is_loopback
from freetemp.conf.oidc import Oidc

KEPT_FOR_S = 600
AWAY_FOR_S = 10  # Until a provider that did not answer is asked again.
KEYS_ANEW_AFTER_S = 30  # A made-up token must not have the keys be fetched each time.
WELL_KNOWN = "/.well-known/openid-configuration"
SIGNS = re.compile(r"[\x21-\x7e]+")


class Endpoints(NamedTuple):
    """Where a provider is asked for what."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str  # Empty: it has none.
    secret_in_form: bool


class _Kept(NamedTuple):
    """An answer, or the error instead, and when it came."""

    value: Any
    at: float


_kept: dict[tuple[str, str], _Kept] = {}
_lock = Lock()


def ours() -> Oidc:
    """Return the provider of the settings. No view of the single sign-on is reached without one."""
    return cast("Oidc", settings.OIDC)


def endpoints(oidc: Oidc) -> Endpoints:
    """Return where the provider is asked for what. Raises ProviderError, at once if it was away a moment ago."""
    found: Endpoints = _once("endpoints", oidc.issuer, lambda: _endpoints(oidc.issuer), KEPT_FOR_S)
    return found


def key_of(oidc: Oidc, token: str) -> jwt.PyJWK:
    """Return the provider's key by which a token is signed. A number that is not known may be that of a new one."""
    keys_url = endpoints(oidc).keys
    for kept_for_s in (KEPT_FOR_S, KEYS_ANEW_AFTER_S):
        keys: jwt.PyJWKSet = _once("keys", keys_url, lambda: _keys(keys_url), kept_for_s)
        if found := _chosen(keys, token):
            return found
    raise ProviderError("its ID token is signed with a key that it does not have")


def forget() -> None:
    """Have everything be asked for anew."""
    with _lock:
        _kept.clear()


def _once(what: str, of: str, ask: Callable[[], Any], kept_for_s: float) -> Any:
    """Return what was answered a while ago, or ask. That there was no answer is kept for a short while, too."""
    with _lock:
        kept = _kept.get((what, of))
    age_s = time.monotonic() - kept.at if kept else 0
    if kept is None or age_s > (AWAY_FOR_S if isinstance(kept.value, ProviderError) else kept_for_s):
        try:
            value = ask()
        except ProviderError as error:
            value = error
        kept = _Kept(value, time.monotonic())
        with _lock:
            _kept[what, of] = kept
    if isinstance(kept.value, ProviderError):
        raise ProviderError(str(kept.value))
    return kept.value


def _endpoints(issuer: str) -> Endpoints:
    told = asking.get(issuer.rstrip("/") + WELL_KNOWN)
    named = told.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != issuer.rstrip("/"):
        raise ProviderError("OIDC_ISSUER is not what the provider calls itself")
    methods = told.get("token_endpoint_auth_methods_supported")
    return Endpoints(
        issuer=named,
        authorization=_address(told, "authorization_endpoint"),
        token=_address(told, "token_endpoint"),
        keys=_address(told, "jwks_uri"),
        userinfo=_address(told, "userinfo_endpoint") if told.get("userinfo_endpoint") else "",
        # Some providers do not decode the signs of a secret in a header, so it goes there only if it must.
        secret_in_form=isinstance(methods, list) and "client_secret_post" in methods,
    )


def _address(told: dict[str, Any], name: str) -> str:
    found = told.get(name)
    if not (isinstance(found, str) and _is_address(found) and (found.startswith("https://") or _is_here(found))):
        raise ProviderError(f"its {name} is no address with https")
    return found


def _is_address(text: str) -> bool:
    """Tell whether a text is an address, with no sign that would begin a line of its own in the log."""
    try:
        return bool(SIGNS.fullmatch(text) and urlsplit(text).hostname)
    except ValueError:
        return False


def _is_here(url: str) -> bool:
    return url.startswith("http://") and is_loopback(url) and is_loopback(ours().issuer)


def _keys(url: str) -> jwt.PyJWKSet:
    try:
        return jwt.PyJWKSet.from_dict(asking.get(url))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProviderError("its keys cannot be read") from error


def _chosen(keys: jwt.PyJWKSet, token: str) -> jwt.PyJWK | None:
    """Return the key that a token names, or the only one if it names none."""
    try:
        number = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise ProviderError("its ID token cannot be read") from error
    usable = [key for key in keys.keys if key.public_key_use in (None, "sig")]
    if number is None:
        return usable[0] if len(usable) == 1 else None
    return next((key for key in usable if key.key_id == number), None)
