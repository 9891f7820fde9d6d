"""Which browsers an account has been used with. The browser keeps it, signed, so no table grows."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

KEPT_FOR_S = 400 * 86_400  # No browser keeps a cookie for longer.
MOST_ACCOUNTS = 20
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def cookie_name() -> str:
    return settings.SESSION_COOKIE_NAME.replace("sessionid", "browser")


def is_known(request: HttpRequest, user: User) -> bool:
    """Tell whether this browser has been used with an account."""
    return user.pk in _accounts(request)


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Have this browser be known for an account."""
    accounts = [user.pk, *(each for each in _accounts(request) if each != user.pk)][:MOST_ACCOUNTS]
    response.set_cookie(
        cookie_name(),
        signing.dumps(accounts, salt=__name__),
        max_age=KEPT_FOR_S,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _accounts(request: HttpRequest) -> list[int]:
    try:
        held = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=__name__, max_age=KEPT_FOR_S)
    except signing.BadSignature:
        return []
    return [each for each in held if isinstance(each, int)] if isinstance(held, list) else []


def device_name(browser: str) -> str:
    """Return what a person calls a browser, “Firefox, Windows”, from the User-Agent that it sends."""
    name = next((name for mark, name in _BROWSERS if mark in browser), None) or _other(browser)
    system = next((system for mark, system in _SYSTEMS if mark in browser), None)
    return ", ".join(filter(None, [name, system])) or _("an unknown browser")


def _other(browser: str) -> str:
    """Return the first word of what a program calls itself, such as curl."""
    found = re.match(r"[A-Za-z][\w.-]{0,30}", browser)
    return found[0] if found and not browser.startswith("Mozilla") else ""
