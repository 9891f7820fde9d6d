"""The two addresses that boards call, as docs/http-api.md describes them and boards in the field speak them."""

from __future__ import annotations

import json
import logging
import re

from django.db import Error as DatabaseError
from django.utils import timezone

from freetemp.http.board_requests import BATCHES, Answer, Environ, path_of
from readings import ingest
from readings.ingest.batch_json import MOST_BYTES, parse_report
from readings.ingest.parsing import parse_single_value
from readings.ingest.refusals import refusals
from readings.ingest.reports import ClockBehindError, MethodError, NoReportError, ReportError, TooLargeError
from stations.authentication import WrongKeyError, basic_claim, url_claim
from stations.models import Key
from stations.wrong_keys import wrong_keys

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 30
SHAPE = "path: /update/API_key=<key>/mac=<mac>/field=<number>/data=<value> expected"
# The parts may hold anything but a slash, so that each gets an answer of its own.
_UPDATE = re.compile(r"/update/API_key=(?P<key>[^/]*)/mac=(?P<mac>[^/]*)/field=(?P<field>[^/]*)/data=(?P<data>[^/]*)/?")
_TEXT = "text/plain; charset=utf-8"


def answer(environ: Environ) -> Answer:
    """Do what a board asks for and return what it is answered. Nothing is raised: every error is one line."""
    path = path_of(environ)
    found = _UPDATE.fullmatch(path)
    parts = found.groupdict() if found else {}
    try:
        return _batch(environ) if path == BATCHES else _update(environ, parts)
    except (ReportError, WrongKeyError, DatabaseError) as error:
        refusal = _refuse(environ, error)
        refusals.note(environ, parts, error, refusal)
        return refusal
    except Exception:
        logger.exception("Internal error: %s %s", environ["REQUEST_METHOD"], path)
        return line_of("the server failed: its log says why", 500)


def _update(environ: Environ, parts: dict[str, str]) -> Answer:
    """Store one value of a station."""
    _require("GET", environ)
    if not parts:
        raise NoReportError(SHAPE)
    try:
        claim = url_claim(parts["mac"], parts["key"])
    except ValueError as error:
        raise NoReportError(f"mac: {error}") from error
    field, value = parse_single_value(parts["field"], parts["data"])
    ingest.record(claim, field, value)
    return line_of("OK")


def _batch(environ: Environ) -> Answer:
    """Store many values of a station, and say which were stored, repeated, or refused for good."""
    _require("POST", environ)
    try:
        claim = basic_claim(environ.get("HTTP_AUTHORIZATION", ""))
    except ValueError as error:
        raise NoReportError(f"mac: {error}") from error
    if not Key.objects.verify([claim]):  # A body is not read for whoever knows no key.
        raise WrongKeyError
    report = parse_report(_body(environ))
    receipt = ingest.record_batch(claim, *report)
    content = {
        "stored": receipt.stored,
        "duplicate": receipt.duplicate,
        "rejected": [each.as_json() for each in receipt.rejected],
        "ack": report.samples[-1].seq if report.boot is not None and report.samples else None,
        "time": round(timezone.now().timestamp()),
    }
    return line_of(json.dumps(content, separators=(",", ":")), content_type="application/json")


def _require(method: str, environ: Environ) -> None:
    if environ["REQUEST_METHOD"] != method:
        raise MethodError(method)


def _body(environ: Environ) -> bytes:
    """Return the body, unless its length tells that it is too large: then it is not read."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise TooLargeError("at most 256 KiB a report")
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _refuse(environ: Environ, error: Exception) -> Answer:
    match error:
        case MethodError():
            # HEAD is answered without a line: HTTP allows none, and gunicorn logs a complaint for each.
            line = "" if environ["REQUEST_METHOD"] == "HEAD" else str(error)
            return line_of(line, error.status, ("Allow", error.allowed))
        case ReportError():
            if isinstance(error, ClockBehindError):
                logger.error("Readings are refused: the clock is behind the newest stored arrival. Set it right.")
            return line_of(str(error), error.status, *_retry_after(error.retry_after_s))
        case WrongKeyError():
            wait_s = wrong_keys.wait_s(environ)
            return line_of("too many wrong keys", 429, *_retry_after(wait_s)) if wait_s else line_of(str(error), 403)
    logger.error("A reading could not be stored: %s", error)
    return line_of("the database cannot take it now", 503, *_retry_after(RETRY_AFTER_S))


def _retry_after(seconds: int | None) -> list[tuple[str, str]]:
    return [] if seconds is None else [("Retry-After", str(seconds))]


def line_of(line: str, status: int = 200, *headers: tuple[str, str], content_type: str = _TEXT) -> Answer:
    """Return a line for a board with little memory: its length is told, and little else."""
    body = line.encode()
    common = [("Content-Type", content_type), ("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
    return Answer(status, body, [*common, *headers])
