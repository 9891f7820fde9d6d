"""The bytes that an address takes, so that others are refused before they are read or stored.

Django would keep the rest of a large form in the temporary folder before anybody looks at it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from freetemp.disk_reserve import RETRY_AFTER_S, database_folder, disk_reserve
from freetemp.http.board_requests import path_of, view_for
from freetemp.http.error_pages import answer

BOARD_BYTES = 256 * 1024  # A board's own view refuses more, in a line.
FORM_BYTES = 256 * 1024  # a login, or what a flash_station elsewhere says
STAFF_FORM_BYTES = 2**20
BUTTON_BYTES = 4096
UPLOAD_BYTES = 5 * 2**20  # MicroPython's largest image has 4 MiB.
IMPORTS = "/admin/stations/station/import/"  # A script sends a file there in pieces.

# The beginnings of addresses that take a body: the bytes for everybody, and those for staff and keepers of stations who
# have logged in.
TAKING = {
    "/account/": (FORM_BYTES, FORM_BYTES),
    "/admin/firmware/micropythonimage/": (FORM_BYTES, UPLOAD_BYTES),
    IMPORTS: (FORM_BYTES, UPLOAD_BYTES),
    "/admin/": (FORM_BYTES, STAFF_FORM_BYTES),
    "/alerts/": (BUTTON_BYTES, BUTTON_BYTES),
    "/api/v1/flash/": (FORM_BYTES, FORM_BYTES),
    "/compare/propose/": (0, FORM_BYTES),
}


def most_bytes(path: str, *, is_staff: bool = False) -> int:
    """Return how many bytes a request to an address, without the path of SERVER_URL, may bring along: mostly 0."""
    for beginning, taken in TAKING.items():
        if path.startswith(beginning):
            return taken[is_staff]
    return BOARD_BYTES if view_for(path) else 0


def most_bytes_of(target: bytes, head: bytes) -> int:
    """Return how many bytes of a body are worth waiting for, before anybody has looked at the session."""
    return most_bytes(path_of(target), is_staff=settings.SESSION_COOKIE_NAME.encode() in head)


class BodyMiddleware:
    """Refuses a body that is too large for its address, or has no length. It has to come before any that reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return refusal(request) or self.get_response(request)


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a request whose body is not taken, or None. The session is looked up only if it matters."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return answer(request, 411, "411.html", _("The request does not say how long it is."))
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isdecimal() else 0
    if size <= most_bytes(request.path_info):
        return None
    if size > most_bytes(request.path_info, is_staff=True) or not _is_trusted(request.user):
        return answer(request, 413, "413.html", _too_much(request.path_info))
    if disk_reserve.is_reached(database_folder() or settings.VAR_DIR):
        reason = _("Its disk is nearly full: uploads wait until there is room.")
        return answer(request, 503, "503.html", reason, RETRY_AFTER_S)
    return None


def _is_trusted(user: Any) -> bool:
    """Tell whether files are taken from a user: from staff, and from keepers of a group of stations."""
    return bool(user.is_staff or user.has_module_perms("stations"))


def _too_much(path: str) -> str:
    if path.startswith(IMPORTS):
        return _("At most 5 MB can be sent at once without JavaScript: pack the file by gzip, or use import_readings.")
    return _("More was sent than this address takes.")
