"""Pages of stations that need not be drawn again: one that the browser has, or one that was drawn a moment ago.

A page depends on more than its address. `etag_of()` has all of it, and nothing else decides whether a page is still the
newest: `Field.edition` and the other columns come from the database, so that every process knows of every change.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from freetemp.fields import to_millis
from freetemp.first_style import FirstStyle
from freetemp.http.compression import GZIP_BITS, takes_gzip
from freetemp.templatetags.about import has_read_only_disk
from freetemp.translations import active_language
from readings.etags import state_of, unless_known, validator
from readings.pages.corrections import Corrections
from stations.access import access_of
from stations.units import Units

MOST_BYTES = 2_000_000  # of each process
# A home page of hundreds of stations: on some card, another minute has begun already.
MOST_OF_A_PAGE = 200_000
MINUTE = timedelta(minutes=1)
LEVEL = 5  # of zlib
NOW = b'"now": %d'  # in the configuration of the scripts


def etag_of(
    request: HttpRequest,
    corrections: Corrections,
    units: Units,
    now: datetime,
    style: FirstStyle | None,
    further: object,
) -> str:
    """Return an ETag of all that a station's page shows to viewers without a session.

    What follows from the time alone, such as the share of a day that has passed, is as of the same minute: a day, an
    hour and an age in words begin with one. A range may begin at any second. `style` is that in the page, or None if
    only parts of the page are asked for. `further` is the state of other apps' parts.
    """
    is_range = "start" in request.GET or "end" in request.GET
    return validator(
        *_asked(request, units),
        (style and style.source, state_of([corrections.station], now), corrections.rows, further),
        [field.newest_at and (now - field.newest_at) // MINUTE for field in corrections.fields],
        to_millis(now) // (1_000 if is_range else 60_000),
    )


def etag_of_home(request: HttpRequest, units: Units, cards: bytes) -> str:
    """Return an ETag of the home page for viewers without a session. All that it shows of stations is on cards."""
    return validator(*_asked(request, units), (settings.MAP_TILES, settings.MAP_CREDIT), sha256(cards).hexdigest())


def _asked(request: HttpRequest, units: Units) -> tuple[object, ...]:
    """Return what every page depends on: who asks for what, and in which state this server is."""
    viewer = settings.SERVER_ORIGIN, request.get_full_path(), active_language(), units
    return build(), viewer, has_read_only_disk()


@lru_cache
def build() -> str:
    """Return a digest of the files of which pages are made: a version does not tell every change.

    It is the same at each node that has the same files, whenever they came there.
    """
    told = [(name, sha256(path.read_bytes()).hexdigest()) for name, path in files()]
    return sha256(repr(told).encode()).hexdigest()


def files() -> list[tuple[str, Path]]:
    """Return the code, the templates, the translations and the list of collected files, by their names."""
    root = Path(settings.BASE_DIR)
    found = [
        *(each for app in ("freetemp", "stations", "readings", "outages") for each in (root / app).rglob("*.py")),
        *(root / "templates").rglob("*.html"),
        *(root / "locale").rglob("*.mo"),
    ]
    own = [(str(each.relative_to(root)), each) for each in sorted(found)]
    collected = settings.STATIC_ROOT / "staticfiles.json"
    return [*own, (collected.name, collected)] if collected.exists() else own


def takes_kept(request: HttpRequest) -> bool:
    """Tell whether a page may be kept for a request. Whoever has logged in sees more, and a choice sets a cookie.

    A link may show more too, without a session.
    """
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    is_plain = request.method == "GET" and "units" not in request.GET and "lang" not in request.GET
    return is_plain and not has_session and access_of(request.user).is_public


class KeptPages:
    """Pages by their ETags. An ETag holds for a minute, so those of a minute before are dropped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute, self._bytes = 0, 0
        self._pages: dict[str, list[bytes]] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, etag: str, now: datetime) -> HttpResponse | None:
        """Return a kept page with the present moment, by which its scripts set their clock."""
        parts = self._pages.get(etag)
        return None if parts is None else HttpResponse((NOW % to_millis(now)).join(parts))

    def keep(self, etag: str, body: bytes, now: datetime) -> None:
        """Keep a page that was drawn at a moment, unless there is no room."""
        parts = body.split(NOW % to_millis(now))
        minute = to_millis(now) // 60_000
        with self._lock:
            if minute != self._minute:
                self._forget()
                self._minute = minute
            if len(parts) <= 2 and len(body) <= min(MOST_OF_A_PAGE, MOST_BYTES - self._bytes):
                self._bytes += len(body)
                self._pages[etag] = parts

    def forget(self) -> None:
        """Drop all pages."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._pages.clear()
        self._bytes = 0


kept_pages = KeptPages()


def unless_unchanged(request: HttpRequest, etag: str, now: datetime, draw: Callable[[], HttpResponse]) -> HttpResponse:
    """Return 304 to a browser that has the page, else the page as it was kept, or as `draw` returns it."""
    response = unless_known(
        request, etag, private=False, make=lambda: kept_pages.get(etag, now) or _drawn(etag, now, draw)
    )
    if response.status_code == HTTPStatus.BAD_REQUEST:
        del response.headers["ETag"]
    if takes_gzip(request) and response.status_code != HTTPStatus.NOT_MODIFIED:
        _when_drawn(response, _compress)
    return cast(HttpResponse, response)


def _drawn(etag: str, now: datetime, draw: Callable[[], HttpResponse]) -> HttpResponse:
    response = draw()
    if response.status_code == HTTPStatus.OK:
        _when_drawn(response, lambda done: kept_pages.keep(etag, done.content, now))
    return response


def _when_drawn(response: HttpResponseBase, do: Callable[[HttpResponse], None]) -> None:
    """Do something with a page's content as soon as it is there."""
    if isinstance(response, TemplateResponse):
        response.add_post_render_callback(do)
    elif isinstance(response, HttpResponse):
        do(response)


def _compress(response: HttpResponse) -> None:
    """Compress a page in three quarters of the time that Django takes, to 1 % more: a small computer has to do it.

    Level 4 takes half, but a month on a wide screen would be over tests/pages/test_budget.py. Django makes the length
    uncertain too, for pages that have a secret in them. These have none.
    """
    response.content = zlib.compress(response.content, level=LEVEL, wbits=GZIP_BITS)
    response.headers["Content-Encoding"] = "gzip"
