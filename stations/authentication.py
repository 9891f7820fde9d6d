"""How a board proves which station it is."""

import base64
import binascii
from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request

from stations.mac import parse_mac
from stations.models import Key


class WrongKey(PermissionDenied):
    """The same answer for an unknown MAC, a wrong or ended key and an inactive station: it tells nothing apart."""

    default_detail = "unknown station or key"


class StationKeyAuthentication(BaseAuthentication):
    """MAC and key out of the device URL. `request.auth` is the Key, whose station is at hand without a query."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Key]:
        mac, secret = self.credentials(request)
        try:
            mac = parse_mac(mac)
        except ValueError as error:
            raise ValidationError(f"mac: {error}") from error
        key = Key.objects.authenticate(mac, secret)
        if key is None:
            raise WrongKey
        return AnonymousUser(), key

    def credentials(self, request: Request) -> tuple[str, str]:
        report: dict[str, Any] = request.parser_context["kwargs"]
        return report["mac"], report["key"]


class StationBasicAuthentication(StationKeyAuthentication):
    """HTTP Basic. The user is the MAC, as twelve hex digits: a user name may hold no colon. The password is the key."""

    def credentials(self, request: Request) -> tuple[str, str]:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise WrongKey
        try:
            user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError) as error:
            raise WrongKey from error
        return user, password
