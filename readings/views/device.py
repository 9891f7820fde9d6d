"""The two addresses that boards call, as docs/http-api.md describes them and boards in the field speak them."""

import json
import logging
from typing import Any, cast

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from readings.batches import MOST_BYTES, parse_report
from readings.models import Reading
from readings.refusals import refusals
from readings.reports import ClockBehindError, ReportError, TooLargeError
from readings.values import parse_single_value
from stations.authentication import StationBasicAuthentication, StationKeyAuthentication, WrongKey
from stations.models import Claim
from stations.throttling import wrong_keys

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 30
SHAPE = "path: /update/API_key=<key>/mac=<mac>/field=<number>/data=<value> expected"


class PlainResponse(HttpResponse):
    """One line of text for a board with little memory: its length is told, and nothing else is."""

    def __init__(self, line: str, status: int = 200, retry_after_s: int | None = None) -> None:
        super().__init__(line, status=status, content_type="text/plain; charset=utf-8")
        self["Cache-Control"] = "no-store"
        self["Content-Length"] = str(len(self.content))
        if retry_after_s is not None:
            self["Retry-After"] = str(retry_after_s)


class JsonLine(PlainResponse):
    """One line of JSON, with as little around it."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(json.dumps(content, separators=(",", ":")))
        self["Content-Type"] = "application/json"


class DeviceView(APIView):
    """A view for boards: no negotiation, no parsers, no permissions, and every error is one line."""

    method = "GET"
    authentication_classes = []
    default_response_headers: dict[str, str] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method != self.method:  # DRF answers HEAD with get(), and would store.
            raise MethodNotAllowed(request.method or "")
        self.perform_authentication(request)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]  # DRF takes any response
        response = self.refuse(exc)
        refusals.note(self.request._request, self.kwargs, exc, response)
        return response

    def refuse(self, exc: Exception) -> HttpResponse:
        match exc:
            case ReportError():
                if isinstance(exc, ClockBehindError):
                    logger.error("Readings are refused: the clock is behind the newest stored arrival. Set it right.")
                return PlainResponse(str(exc), exc.status, exc.retry_after_s)
            case ValidationError():
                return PlainResponse(_line(exc.detail), 400)
            case WrongKey():
                return self.refuse_key(exc)
            case MethodNotAllowed():
                return self.refuse_method()
            case DatabaseError():
                logger.error("A reading could not be stored: %s", exc)
                return PlainResponse("the database cannot take it now", 503, RETRY_AFTER_S)
        raise exc

    def refuse_method(self) -> HttpResponse:
        # HEAD is answered without a line: HTTP allows none, and gunicorn logs a complaint for each.
        response = PlainResponse("" if self.request.method == "HEAD" else f"use {self.method}", 405)
        response["Allow"] = self.method
        return response

    def refuse_key(self, exc: WrongKey) -> HttpResponse:
        if wait_s := wrong_keys.wait_s(self.request._request):
            return PlainResponse("too many wrong keys", 429, wait_s)
        return PlainResponse(str(exc.detail), 403)


class UpdateView(DeviceView):
    """Store one value of a station."""

    authentication_classes = [StationKeyAuthentication]

    def get(self, request: Request, **measured: str) -> HttpResponse:
        field, value = parse_single_value(measured["field"], measured["data"])
        Reading.objects.record(cast(Claim, request.auth), field, value)
        return PlainResponse("OK")


class BatchView(DeviceView):
    """Store many values of a station, and say which were stored, repeated, or refused for good."""

    method = "POST"
    authentication_classes = [StationBasicAuthentication]

    def post(self, request: Request) -> HttpResponse:
        claim = cast(Claim, request.auth)
        boot, samples = parse_report(_body(request._request))
        receipt = Reading.objects.record_batch(claim, boot, samples)
        return JsonLine(
            {
                "stored": receipt.stored,
                "duplicate": receipt.duplicate,
                "rejected": [each.as_json() for each in receipt.rejected],
                "ack": samples[-1].seq if boot is not None and samples else None,
                "time": round(timezone.now().timestamp()),
            }
        )


class UnreadableView(DeviceView):
    """Answer what is no report at all."""

    def get(self, request: Request, **kwargs: str) -> HttpResponse:
        raise ValidationError(SHAPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return PlainResponse("this request cannot be read", 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return PlainResponse(SHAPE, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return PlainResponse("the server failed: its log says why", 500)


def _body(request: HttpRequest) -> bytes:
    """Return the body, or as much of it as tells that it is too large: the rest is not read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise TooLargeError("at most 256 KiB a report")
    return request.read(MOST_BYTES + 1)


def _line(detail: Any) -> str:
    """Return the first error of a DRF ValidationError as `part: what is wrong`."""
    if isinstance(detail, dict):
        part, errors = next(iter(detail.items()))
        return f"{part}: {errors[0]}"
    return str(detail[0])
