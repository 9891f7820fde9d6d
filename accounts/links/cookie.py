"""The links that a browser has opened, in a cookie.

A cookie, and not a path that all of a station's addresses begin with: so the secret is in one address only, which leads
away at once. It is in no history of a browser, in no address that somebody passes on, and in no page that is kept for
others. The price: a frame in another site's page, which gets no cookies, shows no private station.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_variables

from accounts.models import StationLink

MOST = 20  # links in one browser: some 1,400 bytes
LONGEST = timedelta(days=400)  # for which browsers keep a cookie
_BETWEEN = "."
_ONE = re.compile(r"[0-9a-f]{66}")


@sensitive_variables()
def texts_in(request: HttpRequest) -> list[str]:
    """Return the secret parts of the links that a browser has opened, the newest first."""
    value = request.COOKIES.get(settings.LINK_COOKIE_NAME, "")
    return [text for text in value.split(_BETWEEN)[:MOST] if _ONE.fullmatch(text)]


@sensitive_variables()
def put(response: HttpResponseBase, texts: list[str], links: list[StationLink], at: datetime) -> None:
    """Have a browser keep links until the last of them ends. It sends them to this server only, and to no script."""
    response.set_cookie(
        settings.LINK_COOKIE_NAME,
        _BETWEEN.join(texts[:MOST]),
        max_age=min(max(link.expires_at for link in links) - at, LONGEST),
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
