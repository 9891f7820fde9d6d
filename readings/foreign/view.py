"""The base of the views for other makers' devices.

Such a device knows one format: that words every answer, errors too, so that the device loses least by it
(docs/nothing-lost.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from freetemp.clock import shared_now_ms
from freetemp.http.bodies import BOARD_BYTES
from readings.foreign.intake import Taken, store
from readings.foreign.upload import Answer, Format, Result, Sent, Upload
from readings.ingest.board_view import BoardView, refused
from readings.ingest.refusals import refusals
from readings.ingest.reports import NoReportError, TooLargeError
from readings.models.refused_report import Unproven
from stations.authentication import UnknownKeyError, WrongKeyError
from stations.models.key import digest, hint
from stations.validators import validate_key


class ForeignView(BoardView):
    """A view for one format. The key alone names the station: it is proven by the group that stores the values."""

    format: ClassVar[type[Format]]
    device: ClassVar[str]  # see kind()
    authentication_classes = []
    permission_classes = []
    http_method_names = ["get", "post"]
    schema = None  # docs/devices/ has what they send.
    head = None  # Django would put get() here, and the view would refer to itself: see finalize_response().
    sent: Sent
    upload: Upload | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the method, and read the body if it may be read."""
        self.sent = sent_by(request._request, kwargs, b"")
        if str(request.method).lower() not in self.http_method_names:
            self.http_method_not_allowed(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > BOARD_BYTES:
            raise TooLargeError("at most 256 KiB a report")
        if length != "0":
            self.sent = sent_by(request._request, kwargs, request._request.body)

    def get(self, request: Request, **parts: str) -> HttpResponse:
        self.upload = self.format.read(self.sent)
        if not self.upload.key:
            raise UnknownKeyError
        try:
            taken = store(self.upload, self.sent.now_ms)
        except WrongKeyError as error:
            raise UnknownKeyError from error
        self._count(request, self.upload, taken)
        return self.answered(Result.TAKEN, taken.station)

    def post(self, request: Request, **parts: str) -> HttpResponse:
        return self.get(request, **parts)

    def _count(self, request: Request, upload: Upload, taken: Taken) -> None:
        refusals.note_rejected(request, taken.rejected)
        refusals.note_names(request.META, taken.station, [*upload.unknown, *taken.without_field])

    def answered(self, result: Result, station: int = 0) -> HttpResponse:
        return response_of(self.format.answer(self.sent, self.upload, result, station))

    def handle_exception(self, exc: Exception) -> Response:
        """Answer in the format's words. A wrong key is counted first; the throttle changes only what staff see."""
        try:
            if isinstance(exc, AuthenticationFailed):
                self.check_throttles(self.request)
        except Throttled as throttled:
            exc = throttled
        line = refused(exc, self)
        refusals.note(self.request, {"device": self._described()}, exc, line, self._unproven())
        if isinstance(exc, MethodNotAllowed):
            return super().handle_exception(exc)
        return self.answered(_result(exc))  # type: ignore[return-value]  # as get() does

    def _described(self) -> str:
        try:
            return self.format.described(self.sent)
        except NoReportError:  # Not even its names can be told apart.
            return ""

    def _unproven(self) -> Unproven:
        """Return what staff need to make the key a station's. One that is too short for that is not kept at all."""
        key, device = self.upload.key if self.upload else "", self.kind()
        try:
            validate_key(key)
        except ValidationError:
            return Unproven(device)
        return Unproven(device, hint(key), digest(key))

    def kind(self) -> str:
        """Return the key of stations.devices for what has sent this request."""
        return self.device

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return lambda exc, context: refused(exc, context["view"])


def sent_by(request: HttpRequest, parts: Mapping[str, str], body: bytes) -> Sent:
    """Return a request as formats read it."""
    return Sent(str(request.method), parts, request.META.get("QUERY_STRING", ""), request.META, body, shared_now_ms())


def response_of(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body.encode(), status=answer.status, content_type=answer.content_type)


def _result(exc: Exception) -> Result:
    match exc:
        case AuthenticationFailed() | Throttled():
            return Result.WRONG_KEY
        case TooLargeError():
            return Result.TOO_LARGE
        case NoReportError():
            return Result.MALFORMED
    return Result.NOT_NOW
