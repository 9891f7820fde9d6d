"""How a board proves which station it is."""

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
        report: dict[str, Any] = request.parser_context["kwargs"]
        try:
            mac = parse_mac(report["mac"])
        except ValueError as error:
            raise ValidationError(f"mac: {error}") from error
        key = Key.objects.authenticate(mac, report["key"])
        if key is None:
            raise WrongKey
        return AnonymousUser(), key
