"""How a computer that flashes a board proves that it may."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from firmware.models import FlashToken


class FlashTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`: only a header will do, since URLs reach logs and histories."""

    @sensitive_variables()
    def authenticate(self, request: Request) -> tuple[AnonymousUser, FlashToken]:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticated("A token is wanted: make one on the station's page in the admin.")
        try:
            return AnonymousUser(), FlashToken.objects.claim(text.strip())
        except FlashToken.DoesNotExist as error:
            raise AuthenticationFailed(
                "The token is wrong, has ended, or is older than an hour: make another on the station's page in the "
                "admin."
            ) from error

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


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
        return {"type": "http", "scheme": "bearer", "description": "A token from the station's page in the admin."}
