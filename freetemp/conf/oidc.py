"""The provider of the single sign-on, from its settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.environment import choice, login_hours
from freetemp.conf.loopback import is_loopback

LONGEST_ISSUER = 255  # Each account that is connected has it.
SESSION_HOURS = 12
SECOND_FACTORS = ("told", "always", "never")
NEEDED = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


@dataclass(frozen=True)
class Oidc:
    """A provider of OpenID Connect, as this server is known to it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    scope: str
    groups_claim: str
    session_hours: int
    second_factor: str  # Whether its login counts as one: always, never, or if it has told that there were two.


def provider(given: dict[str, str], session_hours: int | None) -> Oidc | None:
    """Return the provider by the environment's settings, or None without an issuer. Half a provider is an error."""
    issuer = given["OIDC_ISSUER"].strip()
    if not issuer:
        _require_nothing(given)
        return None
    if lacking := [name for name in NEEDED if not given[name].strip()]:
        raise ImproperlyConfigured(
            f"OIDC_ISSUER is set and {' and '.join(lacking)} is not: the provider gives both to a new client. "
            "docs/accounts.md has the steps."
        )
    return Oidc(
        issuer=_issuer(issuer),
        client_id=given["OIDC_CLIENT_ID"].strip(),
        client_secret=given["OIDC_CLIENT_SECRET"].strip(),
        name=given["OIDC_NAME"].strip() or (urlsplit(issuer).hostname or ""),
        scope=_scope(given["OIDC_SCOPES"]),
        groups_claim=given["OIDC_GROUPS_CLAIM"].strip() or "groups",
        session_hours=login_hours(session_hours, SESSION_HOURS),
        second_factor=choice("OIDC_SECOND_FACTOR", given["OIDC_SECOND_FACTOR"] or "told", SECOND_FACTORS),
    )


def _require_nothing(given: dict[str, str]) -> None:
    if found := [name for name in NEEDED if given[name].strip()]:
        raise ImproperlyConfigured(f"{found[0]} is set and OIDC_ISSUER is not: give the address of the provider, too.")


def _issuer(value: str) -> str:
    """Return the address by which a provider names itself. Whoever sits on the way could log in as anybody by http."""
    try:
        parts = urlsplit(value)
        is_address = bool(parts.hostname) and parts.port != 0 and len(value) <= LONGEST_ISSUER
    except ValueError:
        is_address = False
    if not is_address or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ImproperlyConfigured("OIDC_ISSUER is no address: give it like https://login.example/realms/school.")
    if parts.scheme == "http" and not is_loopback(value):
        raise ImproperlyConfigured(
            f"OIDC_ISSUER is {value}: give an address with https. Without it, whoever is on the way logs in as anybody."
        )
    return value


def _scope(value: str) -> str:
    """Return the scopes, separated by spaces. Without `openid` it is no OpenID Connect."""
    scopes = [each for each in re.split(r"[\s,]+", value) if each] or ["profile", "email"]
    return " ".join(dict.fromkeys(["openid", *scopes]))
