"""The two addresses that boards in the field call. docs/http-api.md describes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any, cast

from django.http import HttpResponse
from msgspec.json import encode
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from freetemp.clock import shared_now_ms
from freetemp.disk_reserve import database_folder, disk_reserve
from readings import ingest
from readings.ingest.batch_json import MOST_BYTES, Body, parse_report
from readings.ingest.batch_rate import batch_rate
from readings.ingest.board_view import BoardView, LineRenderer
from readings.ingest.parsing import parse_single_value
from readings.ingest.refusals import refusals
from readings.ingest.reports import DiskReserveError, NoReportError, TooLargeError
from readings.ingest.schema import describe_batch, describe_update
from stations.authentication import BasicKeyAuthentication, UrlKeyAuthentication
from stations.models import Claim

JSON = JSONRenderer.media_type
TEXT = f"{LineRenderer.media_type}; charset={LineRenderer.charset}"
SHAPE = "path: /update/API_key=<key>/mac=<mac>/field=<number>/data=<value> expected"


class UpdateView(BoardView):
    """Store one value of a station: the URL that a board calls."""

    authentication_classes = [UrlKeyAuthentication]
    http_method_names = ["get"]
    head = None  # Django would put get() here, and the view would refer to itself: see finalize_response().

    def perform_authentication(self, request: Request) -> None:
        """Raise NoReportError with the expected path if this one has no report. Otherwise prove the key and store."""
        if not self.kwargs:
            raise NoReportError(SHAPE)
        super().perform_authentication(request)

    def store(self, claim: Claim) -> datetime:
        """Store the value if the claim is true. Only UrlKeyAuthentication calls this."""
        field, value = parse_single_value(self.kwargs["field"], self.kwargs["data"])
        return ingest.record(claim, field, value)

    @describe_update
    def get(self, request: Request, **parts: str) -> HttpResponse:
        return HttpResponse(b"OK", content_type=TEXT)  # A Response takes twice as long: DRF has to render it.


class BatchParser(BaseParser):
    """The body of a report, whatever its Content-Type. It is not read if its length is missing or too large.

    It is read even if it has to wait: some servers would reset the connection, and the board would see no 429 or 503.
    """

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request = (parser_context or {})["request"]
        length = request.META["CONTENT_LENGTH"]
        if not length.isdecimal() or int(length) > MOST_BYTES:
            raise TooLargeError("at most 256 KiB a report")
        body = stream.read()
        if disk_reserve.is_reached(database_folder()):
            raise DiskReserveError
        batch_rate.check(request.auth)
        return parse_report(body)


class BatchView(BoardView):
    """Store many values of a station, and say which were stored, repeated, or refused for good."""

    authentication_classes = [BasicKeyAuthentication]
    http_method_names = ["post"]
    parser_classes = [BatchParser]
    renderer_classes = [JSONRenderer]  # For the schema.

    @describe_batch
    def post(self, request: Request) -> HttpResponse:
        report = cast(Body, request.data or parse_report(b""))  # DRF calls no parser if there is no body.
        claim = cast(Claim, request.auth)
        receipt = ingest.record_batch(claim, report.boot, report.samples, report.trouble, report.firmware, report.board)
        batch_rate.pour(claim, receipt)
        refusals.note_rejected(request, receipt.rejected)
        refusals.note_left_out(request, report.left_out)
        told = {
            "stored": receipt.stored,
            "duplicate": receipt.duplicate,
            "rejected": [each.as_json() for each in receipt.rejected],
            "ack": report.samples[-1].seq if report.boot is not None and report.samples else None,
            "time": round(shared_now_ms() / 1000),
        }
        return HttpResponse(encode(told), content_type=JSON)
