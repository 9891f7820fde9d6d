"""How a board proves which station it is."""

import base64
import binascii
from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request

from stations.mac import parse_mac
from stations.models import Claim, Key


class WrongKey(PermissionDenied):
    """The same answer for an unknown MAC, a wrong or ended key and an inactive station: it tells nothing apart."""

    default_detail = "unknown station or key"


class StationKeyAuthentication(BaseAuthentication):
    """MAC and key out of the device URL, as a Claim in `request.auth`.

    Whether the claim is true is asked together with storing what it brings, for all reports of a group at once
    (readings/group.py): to ask for each by itself would cost as much as to store it.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Claim]:
        mac, key = self.credentials(request)
        try:
            return AnonymousUser(), Claim.of(parse_mac(mac), key)
        except ValueError as error:
            raise ValidationError(f"mac: {error}") from error

    def credentials(self, request: Request) -> tuple[str, str]:
        report: dict[str, Any] = request.parser_context["kwargs"]
        return report["mac"], report["key"]


class StationBasicAuthentication(StationKeyAuthentication):
    """HTTP Basic. The user is the MAC, as twelve hex digits: a user name may hold no colon. The password is the key.

    The claim is verified here already: a body is not read for whoever knows no key.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Claim]:
        user, claim = super().authenticate(request)
        if not Key.objects.verify([claim]):
            raise WrongKey
        return user, claim

    def credentials(self, request: Request) -> tuple[str, str]:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise WrongKey
        try:
            user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError) as error:
            raise WrongKey from error
        return user, password
