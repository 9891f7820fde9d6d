"""The server's answers to flash_station on another computer, the one with the board (docs/flash-elsewhere.md)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar, cast

from django.db import transaction
from django.http import FileResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.deeds import record
from firmware.api import serializers
from firmware.api.authentication import FlashIsOn, FlashTokenAuthentication
from firmware.models import FlashToken, MicroPythonImage
from firmware.sources import Bundle, LocalSource, OtherBoardError, SourceError
from firmware.sources.local import present
from freetemp.conf.api_description import FLASHING
from freetemp.http.proxies import client_address
from stations.wrong_keys import wrong_keys

Method = TypeVar("Method", bound=Callable[..., Any])

LONGEST_USE = 200  # Characters of a FlashUse.
WAITS, REPORTED = "waits for the first reading", "the first reading has arrived"

NO_IMAGE = (  # For somebody at another computer.
    "The server has no MicroPython for the board: run `python manage.py fetch_micropython` there, or add an image in "
    "its admin; or give the path of one with --micropython."
)
NO_KEY = (
    "The key of this token has ended, because another was issued for the station or this one was ended: make another "
    "token on the station's page in the admin."
)


class Refused(APIException):
    """A SourceError, as the answer to a request from elsewhere."""

    status_code = 409

    def __init__(self, error: SourceError) -> None:
        code = "other_board" if isinstance(error, OtherBoardError) else "not_ready"
        super().__init__({"detail": str(error), "code": code})


def described(answer: Any, **others: Any) -> Callable[[Method], Method]:
    """Describe an address in the OpenAPI schema, with the refusals that every address has."""
    refusal = serializers.RefusalSerializer
    refusals = {
        401: OpenApiResponse(refusal, "no token, or one that is wrong or has ended"),
        403: OpenApiResponse(refusal, "the token's flash is done, or it may not flash the station"),
        409: OpenApiResponse(refusal, "the station is not ready"),
        429: OpenApiResponse(refusal, "too many wrong tokens"),
    }
    return extend_schema(tags=[FLASHING], responses={200: answer} | refusals, **others)


@method_decorator(never_cache, name="dispatch")
class FlashView(APIView):
    """A view for the bearer of a token. It reaches the token's station and no other."""

    authentication_classes = [FlashTokenAuthentication]
    permission_classes = [FlashIsOn]

    @property
    def token(self) -> FlashToken:
        return cast(FlashToken, self.request.auth)

    @property
    def source(self) -> LocalSource:
        return LocalSource(self.token.station)

    def log(self, what: str, *, once: bool = False) -> None:
        """Record the use for staff; `once` is for requests that come every few seconds."""
        what = what[:LONGEST_USE]
        if not (once and self.token.uses.filter(what=what).exists()):
            self.token.log(what, client_address(self.request.META) or None)

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case AuthenticationFailed() if wait_s := wrong_keys.wait_s(self.request.META):
                exc = Throttled(wait_s, "Too many wrong tokens.")
            case PermissionDenied() if isinstance(self.request.auth, FlashToken):
                self.log("refused: the flash is done", once=True)
            case SourceError():
                self.log(f"refused: {exc}", once=True)
                exc = Refused(exc)
        return super().handle_exception(exc)


class FactsView(FlashView):
    """The facts of the token's station."""

    begins_flash = True  # by a token that is good for more than one

    @described(serializers.FactsSerializer, operation_id="flash_facts")
    def get(self, request: Request) -> Response:
        self.log("asked for the station's facts")
        return Response(serializers.FactsSerializer(self.source.station()).data)


class MacView(FlashView):
    """Make a board the station's, or ask whether that may be.

    It is refused if the station has another, unless the request replaces that one.
    """

    @described(serializers.FactsSerializer, operation_id="flash_mac", request=serializers.MacSerializer)
    def post(self, request: Request) -> Response:
        asked = _valid(serializers.MacSerializer, request.data)
        if asked["check"]:
            self.source.check_mac(asked["mac"], replace=asked["replace"])
            self.log(f"asked for {asked['mac']} as the station's board")
            return Response(serializers.FactsSerializer(self.source.station()).data)
        self.source.take_mac(asked["mac"], replace=asked["replace"])
        facts = self.source.station()
        self.log(f"the station's board is {facts.mac}")
        return Response(serializers.FactsSerializer(facts).data)


class BundleView(FlashView):
    """Issue the token's key and make the board's files with it. The live key stays valid until this one is used."""

    @described(serializers.BundleSerializer, operation_id="flash_bundle", request=serializers.BundleQuery)
    @method_decorator(sensitive_variables())
    def post(self, request: Request) -> Response:
        asked = _valid(serializers.BundleQuery, request.data)
        files = self.source.files(self.token.station_key, asked["server_url"], mac=asked["mac"])
        key = self.token.issue()
        if key is None:
            raise PermissionDenied(FlashIsOn.message) if self.token.state == "used" else SourceError(NO_KEY)
        with transaction.atomic():
            record("files for a board taken", station=self.token.station, what=f"key …{key.hint}")
            self.log("issued a key and took the files")
        return Response({"key_id": key.pk, "files": {path: base64.b64encode(each) for path, each in files.items()}})


class ReportedView(FlashView):
    """Tell whether a first reading has been stored with the issued key. It answers after the flash is done, too."""

    permission_classes = []

    @described(serializers.ReportedSerializer, operation_id="flash_reported", parameters=[serializers.ReportedQuery])
    def get(self, request: Request) -> Response:
        asked = _valid(serializers.ReportedQuery, request.query_params)
        reported = self.source.has_reported(Bundle(asked["key_id"], {}))
        self.log(REPORTED if reported else WAITS, once=True)
        return Response({"reported": reported})


class ImageView(FlashView):
    """The MicroPython image that goes onto the board."""

    @described(serializers.ImageSerializer, operation_id="flash_image")
    def get(self, request: Request) -> Response:
        image = present(MicroPythonImage.objects.newest(), NO_IMAGE)
        self.log("asked for MicroPython")
        return Response(serializers.ImageSerializer(image).data)


class ImageFileView(FlashView):
    """A MicroPython image, by its SHA-256."""

    @described(OpenApiTypes.BINARY, operation_id="flash_image_file")
    def get(self, request: Request, sha256: str) -> FileResponse:
        image = present(MicroPythonImage.objects.filter(sha256=sha256).first(), NO_IMAGE)
        self.log(f"took {image}")
        return FileResponse(BytesIO(image.content), content_type="application/octet-stream")


def _valid(serializer: Any, data: Any) -> dict[str, Any]:
    asked = serializer(data=data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
