"""How a computer that flashes a board proves that it may."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.actor import be
from firmware.models import FlashToken
from stations.access import Viewer
from stations.models import Station

MOST_OF_A_NAME = 150  # characters, as in FlashToken.made_by

MAY_FLASH = "firmware.add_flashtoken"  # Whoever makes such a token can flash by it.
NAME_IT = "This token is for more than one station: say which by ?station=, as flash_station of this version does."
MAY_NOT = (
    "This token may not flash station {station}. One that may is made by somebody who keeps the station, and permits "
    "to read and write."
)


class FlashTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`: only a header will do, since URLs reach logs and histories.

    It is a station's token for one flash, or a token of a person's programs, which the site's middleware has looked at.
    """

    @sensitive_variables()
    def authenticate(self, request: Request) -> tuple[AbstractBaseUser | AnonymousUser, FlashToken]:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticated("A token is wanted: make one on the station's page in the admin.")
        program = getattr(request._request, "api_token", None)
        if program is not None:
            return request._request.user, self._flash_of(request, program, text.strip())
        try:
            token = FlashToken.objects.claim(text.strip())
            be(person=token.made_by, by="flash token")
            return AnonymousUser(), token
        except FlashToken.DoesNotExist as error:
            raise AuthenticationFailed(
                "The token is wrong, has ended, or is older than an hour: make another on the station's page in the "
                "admin."
            ) from error

    @sensitive_variables()
    def _flash_of(self, request: Request, program: object, text: str) -> FlashToken:
        """Return the flash that a program of a person is at. Raises PermissionDenied."""
        person = request._request.user
        station = _station_for(person, request.query_params.get("station", ""))
        if not person.has_perm(MAY_FLASH, station):
            raise PermissionDenied(MAY_NOT.format(station=station.pk))
        made_by = f"{person.get_username()}, by {program}"[:MOST_OF_A_NAME]
        begins = bool(getattr(request.parser_context["view"], "begins_flash", False))
        return FlashToken.objects.for_program(station, text, made_by, begins=begins)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _station_for(person: Viewer, wanted: str) -> Station:
    """Return the station that a program names by its number or name; it need not if there is only one."""
    kept = Station.objects.kept_by(person, MAY_FLASH)
    if not wanted:
        found = list(kept[:2])
        if len(found) == 1:
            return found[0]
        raise PermissionDenied(NAME_IT)
    try:
        return kept.find(wanted.replace("\0", " "))  # PostgreSQL has no texts with a NUL.
    except Station.DoesNotExist as error:
        raise PermissionDenied(MAY_NOT.format(station=wanted[:MOST_OF_A_NAME])) from error


class FlashIsOn(BasePermission):
    """Refuse a token whose flash is done.

    A flash ends when the key that it issued has been used: the board reports, and there is nothing left to do. Until
    then every request may be repeated, since a cable may be pulled or a program stopped at any moment. Each bundle has
    the same key: FlashToken.issue().
    """

    message = "This token has flashed its station: make another on the station's page in the admin to do it again."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, FlashToken) and request.auth.state != "used"


class FlashTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's own
    """The token in the OpenAPI schema."""

    target_class = FlashTokenAuthentication
    name = "flashToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        words = "A token from the station's page in the admin, or one of a person's programs that may write."
        return {"type": "http", "scheme": "bearer", "description": words}
