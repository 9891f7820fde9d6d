"""Whom a provider names: its ID token is checked as OpenID Connect Core 3.1.3.7 asks, and its claims are read."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.crypto import constant_time_compare

from accounts.models.sign_on import LONGEST_GROUP, LONGEST_SUBJECT
from accounts.oidc import asking, provider
from accounts.oidc.errors import ProviderError
from freetemp.conf.oidc import Oidc

# No HS256, whose key is the client's secret, and never "none".
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY_S = 60  # A Raspberry Pi's clock may be a little off.
MOST_GROUPS = 1000
LONGEST_TEXT = 150


@dataclass(frozen=True)
class Identity:
    """A person as the provider knows them. Texts are free of signs that are not seen, and not too long."""

    issuer: str
    subject: str
    name: str
    email: str  # Empty, if the provider says that it has not seen that it is theirs.
    first_name: str
    last_name: str
    groups: frozenset[str]
    methods: frozenset[str]  # How they logged in there, by RFC 8176.
    logged_in_at: int | None


def redeem(oidc: Oidc, code: str, redirect_uri: str, verifier: str, nonce: str) -> Identity:
    """Exchange the code of a callback for the person's identity. Raises ProviderError."""
    there = provider.endpoints(oidc)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    header = ""
    if there.secret_in_form:
        form |= {"client_id": oidc.client_id, "client_secret": oidc.client_secret}
    else:
        header = _basic(oidc)
    answer = asking.post(there.token, form, header)
    claims = checked(oidc, answer.get("id_token"), nonce)
    return _identity(oidc, claims, _userinfo(there.userinfo, answer.get("access_token"), claims["sub"]))


def checked(oidc: Oidc, token: object, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token: signed by the provider, for this server, for this login, and not over."""
    if not isinstance(token, str):
        raise ProviderError("it sends no ID token")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=provider.key_of(oidc, token).key,
            algorithms=ALGORITHMS,
            audience=oidc.client_id,
            issuer=provider.endpoints(oidc).issuer,
            leeway=LEEWAY_S,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:  # The last: its key is a private one.
        raise ProviderError(f"its ID token is not accepted: {type(error).__name__}") from error
    audience = claims["aud"]
    party = claims.get("azp")
    if (isinstance(audience, list) and len(audience) > 1 and party is None) or party not in (None, oidc.client_id):
        raise ProviderError("its ID token is for another client")
    sent = str(claims.get("nonce", ""))
    if not (sent.isascii() and constant_time_compare(sent, nonce)):
        raise ProviderError("its ID token is of another login")
    return claims


def _basic(oidc: Oidc) -> str:
    """Return the header of RFC 6749, 2.3.1: both are encoded as in a form before they are joined."""
    joined = ":".join(quote_plus(each) for each in (oidc.client_id, oidc.client_secret))
    return f"Basic {b64encode(joined.encode()).decode()}"


def _userinfo(url: str, access_token: object, subject: str) -> dict[str, Any]:
    """Return what the provider tells beside the ID token. That must be of the same person."""
    if not url or not isinstance(access_token, str) or not re.fullmatch(r"[\x21-\x7e]+", access_token):
        return {}
    told = asking.get(url, f"Bearer {access_token}")
    if told.get("sub") != subject:
        raise ProviderError("its userinfo is of another person")
    return told


def _identity(oidc: Oidc, claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> Identity:
    subject = claims["sub"]
    if not (0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable()):
        raise ProviderError("its ID token names nobody")
    told = {**userinfo, **claims}
    groups = _claim(told, oidc.groups_claim)
    at = claims.get("auth_time")
    return Identity(
        issuer=str(claims["iss"]),
        subject=subject,
        name=_text(told.get("preferred_username")) or _text(told.get("nickname")) or _text(told.get("name")),
        email=_email(told),
        first_name=_text(told.get("given_name")),
        last_name=_text(told.get("family_name")),
        groups=frozenset(_texts(groups, LONGEST_GROUP)),
        methods=frozenset(_texts(claims.get("amr"), LONGEST_TEXT)),
        logged_in_at=int(at) if isinstance(at, int | float) and 0 <= at < 2**40 else None,
    )


def _claim(told: Mapping[str, Any], name: str) -> object:
    """Return a claim by its name, or by a path such as realm_access.roles."""
    if name in told:
        return told[name]
    found: object = told
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _texts(value: object, longest: int) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        return []
    return [
        each for each in values[:MOST_GROUPS] if isinstance(each, str) and each.isprintable() and len(each) <= longest
    ]


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", value[:1000]) if sign.isprintable())
    return seen.strip()[:LONGEST_TEXT]


def _email(told: Mapping[str, Any]) -> str:
    email = told.get("email")
    if not (isinstance(email, str) and len(email) <= 254 and email.isprintable()):  # No half of a sign, too.
        return ""
    if told.get("email_verified", True) is not True:
        return ""
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email
