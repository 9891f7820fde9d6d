"""The common base of the views for boards: no negotiation, no needless header, and every error is one line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import Error as DatabaseError
from django.views.decorators.common import no_append_slash
from rest_framework.exceptions import APIException, AuthenticationFailed, MethodNotAllowed, Throttled
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from freetemp import damage, read_only
from freetemp.sql.waits import InDoubtError
from readings.ingest.refusals import refusals
from readings.ingest.reports import ClockBehindError, ReportError
from stations.wrong_keys import WrongKeyThrottle

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 30
IN_DOUBT = "in doubt: the database has not answered. Sent again with its boot and seq, it is stored once"
CLOCK_LINE_EVERY_S = 600


class LineRenderer(BaseRenderer):
    """One line of text."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        return str(data)


class NoNegotiation(BaseContentNegotiation):
    """Uses the view's one parser and one renderer, because boards send any header or none."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class BoardView(APIView):
    """A view for boards, which have little memory. An answer is short, and its headers say only how to read it.

    Its authentication class raises an error if a request does not come from a station.
    """

    answers_boards = True  # freetemp.http.board_requests calls it without middleware.

    permission_classes = [IsAuthenticated]
    throttle_classes = [WrongKeyThrottle]
    parser_classes: Sequence[type[BaseParser]] = []
    renderer_classes: Sequence[type[BaseRenderer]] = [LineRenderer]
    content_negotiation_class = NoNegotiation

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        return no_append_slash(super().as_view(**initkwargs))  # Boards follow no redirect.

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Cache-Control": "no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the method, the renderer and the key, in this order. DRF checks the method last.

        There is no version to check. handle_exception() asks the throttle, which is only for wrong keys.
        """
        if str(request.method).lower() not in self.http_method_names:
            self.http_method_not_allowed(request)
        self.format_kwarg = None
        renderer, media_type = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = renderer, media_type
        self.perform_authentication(request)
        self.check_permissions(request)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with a line, whatever the renderer is. A wrong key is counted first; the throttle may refuse it."""
        self.request.accepted_renderer, self.request.accepted_media_type = LineRenderer(), LineRenderer.media_type
        try:
            if isinstance(exc, AuthenticationFailed):
                self.check_throttles(self.request)
        except Throttled as throttled:
            exc = throttled
        return super().handle_exception(exc)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return in_one_line

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Set Content-Length, as CommonMiddleware does for pages, and release the request's data.

        DRF's view and request refer to each other. Without this, a batch's samples would wait for the garbage
        collector, which would spend more time on them than the view does.
        """
        finished = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(finished, Response):
            finished.render().renderer_context = {}
        finished["Content-Length"] = str(len(finished.content))
        request.parser_context.clear()
        return finished


def in_one_line(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Answer a refused board with one line, and count the refusal for staff. DRF calls this if a BoardView raises."""
    response = refused(exc, context["view"])
    refusals.note(context["request"], context["kwargs"], exc, response)
    return response


def refused(exc: Exception, view: APIView) -> Response:
    """Return the line for an error, and log what is no fault of the sender's."""
    match exc:
        case MethodNotAllowed():
            allowed = ", ".join(view.allowed_methods)
            # A HEAD gets no line: HTTP allows no body there, and gunicorn logs a complaint for each.
            line = "" if view.request.method == "HEAD" else f"use {allowed}"
            return Response(line, exc.status_code, headers={"Allow": allowed})
        case Throttled():
            return _later("too many wrong keys", exc.status_code, exc.wait)  # type: ignore[attr-defined]  # DRF's stubs leave it out
        case APIException():
            return Response(exc.detail, exc.status_code)
        case ReportError():
            if isinstance(exc, ClockBehindError):
                logger.error(
                    "Readings are refused: this server's clock is in the past. Set it, or see why NTP does not.",
                    extra={"every_s": CLOCK_LINE_EVERY_S},
                )
            return _later(str(exc), exc.status, exc.retry_after_s)
        case InDoubtError():
            logger.error("A reading may be stored or not: %s", exc)
            return _later(IN_DOUBT, 503, RETRY_AFTER_S)
        case DatabaseError():
            damage.note(exc)
            read_only.forget()  # The next page looks again.
            logger.error("A reading could not be stored: %s", exc)
            return _later("the database cannot take it now", 503, RETRY_AFTER_S)
    logger.error("Internal error: %s %s", view.request.method, view.request.path_info, exc_info=exc)
    return Response("the server failed: its log says why", 500)


def _later(line: str, status: int, wait_s: float | None) -> Response:
    return Response(line, status, headers=None if wait_s is None else {"Retry-After": str(round(wait_s))})
