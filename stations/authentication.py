"""Two authentication classes of Django REST framework, by which a board proves its station.

Both raise WrongKeyError. It is a 403, not a 401, because neither has an authenticate_header(): a board asks nobody.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Protocol

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.request import Request

from stations.mac import parse_mac
from stations.models import Claim, Key


class WrongKeyError(AuthenticationFailed):
    """The same answer for an unknown MAC, a wrong or ended key and an inactive station: it does not say which."""

    default_detail = "unknown station or key"


class UnknownKeyError(WrongKeyError):
    """A device of another maker, which sends no MAC, has a key that names no active station."""


@dataclass(frozen=True, slots=True)
class ProvenStation:
    """The station that a request has proven to come from: its `request.user`."""

    mac: str
    is_authenticated = True  # IsAuthenticated asks a user for it.


class StoringView(Protocol):
    """A view that proves a claim by storing the values that came with it. If store() raises, nothing is stored."""

    kwargs: dict[str, str]

    def store(self, claim: Claim) -> Any: ...


class UrlKeyAuthentication(BaseAuthentication):
    """The key and the MAC of a device URL. `request.auth` is the result of the view's store().

    The database proves the claims of all values that arrive together in one statement, right before the transaction
    that stores them (Key.objects.verify). A separate statement for each claim would cost as much as storing its value.
    So this class hands the claim to the view's store(), and waits for the answer of that group.
    """

    def authenticate(self, request: Request) -> tuple[ProvenStation, Any]:
        view: StoringView = request.parser_context["view"]
        claim = _claim(view.kwargs["mac"], view.kwargs["key"])
        stored = view.store(claim)
        return ProvenStation(claim.mac), stored


class BasicKeyAuthentication(BaseAuthentication):
    """HTTP Basic: the user is the MAC, as twelve hex digits, and the password is the key. `request.auth` is the claim.

    The claim is proven here, so that no body is read without a right key. Storing proves it again, because a body may
    arrive slowly, and its key may end in the meantime.
    """

    def authenticate(self, request: Request) -> tuple[ProvenStation, Claim]:
        claim = basic_claim(request.META.get("HTTP_AUTHORIZATION", ""))
        if not Key.objects.verify([claim]):
            raise WrongKeyError
        return ProvenStation(claim.mac), claim


def basic_claim(authorization: str) -> Claim:
    """Return the claim of an Authorization header, unproven. Raises WrongKeyError if it holds none.

    The MAC is twelve hex digits, because a user name may hold no colon. Raises ParseError if the user is not a MAC.
    """
    return _claim(*user_and_password(authorization))


def user_and_password(authorization: str) -> tuple[str, str]:
    """Return what HTTP Basic has in an Authorization header. Raises WrongKeyError if it is none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise WrongKeyError
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise WrongKeyError from error
    return user, password


def _claim(mac: str, key: str) -> Claim:
    try:
        return Claim.of(parse_mac(mac), key)
    except ValueError as error:
        raise ParseError(f"mac: {error}") from error
