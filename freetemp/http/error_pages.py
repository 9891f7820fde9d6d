"""The answers to requests that fail before or outside a view. They ask nothing of the database."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from freetemp import damage
from freetemp.sql.waits import InDoubtError

RETRY_AFTER_S = 30
LONGEST_HOST = 100
HTML, JSON, TEXT = "text/html", "application/json", "text/plain"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refuses. A newcomer's phone meets a wrong host, which has words of its own."""
    content = {}
    if isinstance(exception, DisallowedHost):
        content = {"host": request.META.get("HTTP_HOST", "")[:LONGEST_HOST], "server_url": settings.SERVER_URL}
    return HttpResponse(render_to_string("400.html", content), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 if the database cannot answer: locked, away, read-only, without room, or damaged."""
    error = sys.exc_info()[1]
    is_damaged = damage.note(error)
    if is_damaged or isinstance(error, OperationalError | InterfaceError):
        reason = in_doubt() if isinstance(error, InDoubtError) else reason_now(is_damaged=is_damaged)
        return answer(request, 503, "503.html", reason, RETRY_AFTER_S)
    return answer(request, 500, "500.html", _("Something broke on the server. Its log says why."))


def reason_now(*, is_damaged: bool) -> str:
    """Return why the server cannot answer now, as a sentence for viewers."""
    if is_damaged:
        return _(
            "A part of its database is damaged. Whoever runs this server finds in the admin's overview what to do."
        )
    return _(
        "Its database is busy or away, or its disk is full. The stations go on measuring, and a board keeps what it "
        "could not deliver."
    )


def in_doubt() -> str:
    """Return what somebody has to know whose change was not answered by the database, as a sentence."""
    return _("Its database has not answered in time. What you sent may be kept or not: look before you send it again.")


def answer(
    request: HttpRequest, status: int, template: str, reason: str, retry_after_s: int | None = None
) -> HttpResponse:
    """Answer a browser with a page, a program with JSON, and a download with a line."""
    response = _in_its_form(request, status, template, reason)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def _in_its_form(request: HttpRequest, status: int, template: str, reason: str) -> HttpResponse:
    wanted = _wanted(request)
    if wanted == HTML:
        return HttpResponse(render_to_string(template, {"reason": reason}), status=status)
    line = ". ".join([_("The server cannot answer just now"), reason]) if status == 503 else reason
    if wanted == JSON:
        return JsonResponse({"detail": line}, status=status)
    return HttpResponse(line, status=status, content_type=f"{TEXT}; charset=utf-8")


def _wanted(request: HttpRequest) -> str:
    suffix = PurePosixPath(request.path_info).suffix
    if request.path_info.startswith("/api/") or suffix == ".json":
        return JSON
    return TEXT if suffix else request.get_preferred_type([HTML, JSON]) or HTML
