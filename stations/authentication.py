"""How a board proves which station it is: two authentication classes of Django REST framework.

Both raise WrongKeyError. It is a 403 and no 401, since neither has an authenticate_header(): a board asks nobody.
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
    """The same answer for an unknown MAC, a wrong or ended key and an inactive station: it tells nothing apart."""

    default_detail = "unknown station or key"


@dataclass(frozen=True, slots=True)
class ProvenStation:
    """The station that a request has proven to come from: its `request.user`."""

    mac: str
    is_authenticated = True  # IsAuthenticated asks a user for it.


class StoringView(Protocol):
    """A view that proves a claim by storing what came with it. Where store() raises, nothing is stored."""

    kwargs: dict[str, str]

    def store(self, claim: Claim) -> Any: ...


class UrlKeyAuthentication(BaseAuthentication):
    """The key and the MAC of a device URL. `request.auth` is what store() of the view returns.

    The database proves the claims of all values that arrive together in one statement, right before the transaction
    that stores them (Key.objects.verify). A statement of its own for each claim would cost as much as its value does.
    So this class hands the claim to the view's store(), and waits for the answer of that group.
    """

    def authenticate(self, request: Request) -> tuple[ProvenStation, Any]:
        view: StoringView = request.parser_context["view"]
        claim = _claim(view.kwargs["mac"], view.kwargs["key"])
        stored = view.store(claim)
        return ProvenStation(claim.mac), stored


class BasicKeyAuthentication(BaseAuthentication):
    """HTTP Basic: the user is the MAC, as twelve hex digits, and the password is the key. `request.auth` is the claim.

    The claim is proven here, so that no body is read without a right key. Storing proves it once more: a body may take
    its time, and its key may end meanwhile.
    """

    def authenticate(self, request: Request) -> tuple[ProvenStation, Claim]:
        claim = basic_claim(request.META.get("HTTP_AUTHORIZATION", ""))
        if not Key.objects.verify([claim]):
            raise WrongKeyError
        return ProvenStation(claim.mac), claim


def basic_claim(authorization: str) -> Claim:
    """Return the claim of an Authorization header, unproven. Raises WrongKeyError where it holds none.

    A user name may hold no colon: that is why the MAC comes as twelve hex digits. Raises ParseError for what is no MAC.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise WrongKeyError
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise WrongKeyError from error
    return _claim(user, password)


def _claim(mac: str, key: str) -> Claim:
    try:
        return Claim.of(parse_mac(mac), key)
    except ValueError as error:
        raise ParseError(f"mac: {error}") from error
