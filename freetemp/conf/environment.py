"""Typed helpers with which settings.py reads the environment. Each has a sentence for a wrong value."""

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

from freetemp.conf.secret_keys import is_strong

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# No user name and no password: people see this address, and it goes onto boards.
_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s@:/\[\]]+)(:[0-9]+)?")
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_HOST = re.compile(r"\*|\.?[\w.-]+|\[[0-9a-fA-F:.]+\]")

LONGEST_LOGIN_HOURS = 9600  # No browser keeps a cookie beyond 400 days.
OWN_PATHS = (
    "account",
    "admin",
    "alerts",
    "api",
    "compare",
    "healthz",
    "metrics",
    "readyz",
    "static",
    "stations",
    "update",
)  # Where they begin; freetemp.urls has all of them.
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def secret_key(value: str) -> str:
    """Return Django's SECRET_KEY, or stop the start if it is missing or weak: a guessed key can forge sessions."""
    if not is_strong(value):
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or weak: run `python3 bootstrap.py serve`, which writes a fresh one to .env, "
            "or set it to at least 50 random characters."
        )
    return value


def encryption_keys(values: list[str]) -> list[str]:
    """Return the keys that encrypt WiFi passwords, in Fernet's form: each is 32 random bytes in URL-safe base64."""
    keys = [value.strip() for value in values if value.strip()]
    for number, key in enumerate(keys, start=1):
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", key):
            raise ImproperlyConfigured(
                f"ENCRYPTION_KEYS: key {number} of {len(keys)} is not one. A key has 44 characters and ends in =; "
                "docs/firmware.md has the line that makes one. Do not replace one that has encrypted passwords."
            )
    return keys


def metrics_token(value: str) -> str:
    """Return the token that shows private stations to Prometheus, or "" for none. A short one could be guessed."""
    if value and not re.fullmatch(r"[\x21-\x7e]{24,}", value):
        raise ImproperlyConfigured(
            "METRICS_TOKEN has fewer than 24 characters, or others than letters, digits and signs: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(32))" prints a good one.'
        )
    return value


def server_url(value: str, script_name: str = "") -> str:
    """Return the address that browsers and boards use: its host in lower case, its path without a slash at the end.

    A SCRIPT_NAME, with which some servers are started, is its path.
    """
    try:
        parts = urlsplit(value.strip())
        is_right = parts.port != 0 and _HOST_AND_PORT.fullmatch(parts.netloc) is not None
    except ValueError:
        parts, is_right = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not is_right or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"SERVER_URL is {_without_password(value)!r}: give it like http://192.168.1.20:8000, or like "
            "http://home.example/weather if it has a path."
        )
    path = _path(parts.path.rstrip("/"), script_name.strip().rstrip("/"))
    return urlunsplit((parts.scheme, parts.netloc.lower(), path, "", ""))


def _path(path: str, script_name: str) -> str:
    """Return the path of a server, which both settings may have. A proxy may keep it in a request or take it away."""
    if path and script_name and path != script_name:
        raise ImproperlyConfigured(f"SERVER_URL has the path {path}, and SCRIPT_NAME is {script_name}: leave one out.")
    path = path or script_name
    if not _PATH.fullmatch(path):
        raise ImproperlyConfigured(
            f"SERVER_URL has the path {path!r}: give one like /weather, of letters, digits, hyphens, dots and slashes."
        )
    first = path.lower().partition("/")[2].partition("/")[0]
    if first in OWN_PATHS or first.startswith("update"):  # A board's address may be written slightly wrong.
        raise ImproperlyConfigured(f"SERVER_URL has the path {path}, as freetemp's own pages do: choose another.")
    return path


def _without_password(url: str) -> str:
    """Return an address without its user and password."""
    before, at, rest = url.rpartition("@")
    return f"{before[: before.find('//') + 2] if '//' in before else ''}***@{rest}" if at else url


def origin_and_path(url: str) -> tuple[str, str | None]:
    """Return the parts of a server's address: https://home.example, and /weather, or None if it has no path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path or None


def cookie_names(path: str | None, *, tls: bool) -> tuple[str, ...]:
    """Return the names of the cookies of a session, of a form's token, of what was done, and of the two preferences.

    With `__Host-`, a browser takes a cookie only over HTTPS from this very host, for all of it; `__Secure-` leaves the
    path free. So neither a subdomain nor somebody on the way who speaks plain HTTP can plant one.
    """
    prefix = ("__Secure-" if path else "__Host-") if tls else ""
    own = f"{prefix}freetemp_" if path else prefix  # Other programs of the same name have cookies too.
    return (*(f"{own}{name}" for name in ("sessionid", "csrftoken", "messages")), f"{prefix}language", f"{prefix}units")


def time_zone(value: str) -> str:
    """Return the name of a time zone after checking that it exists."""
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"STATION_TIME_ZONE is {value!r}: give an IANA name like Europe/Berlin.") from error


def networks(values: list[str]) -> list[Network]:
    """Return the addresses and CIDR networks of the proxies with trusted X-Forwarded-* headers."""
    try:
        return [ipaddress.ip_network(value.strip()) for value in values]
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}. Give addresses or networks, like 127.0.0.1.") from error


def log_level(value: str) -> str:
    """Return the name of a level of Python's logging."""
    if value.strip().upper() not in LOG_LEVELS:
        raise ImproperlyConfigured(f"LOG_LEVEL is {value!r}: give one of {', '.join(LOG_LEVELS)}.")
    return value.strip().upper()


def login_hours(given: int | None, usual: int) -> int:
    """Return how long a login lasts. A huge number would be a day that no calendar has."""
    return min(given or usual, LONGEST_LOGIN_HOURS)


def choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    """Return a setting that has one of a few words."""
    if value.strip().lower() not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}: give one of {', '.join(choices)}.")
    return value.strip().lower()


def hosts(url: str, others: list[str]) -> list[str]:
    """Return every host name that this server answers to: its URL's, this machine's own, and the given others."""
    if wrong := [other for other in others if not _HOST.fullmatch(other)]:
        raise ImproperlyConfigured(f"ALLOWED_HOSTS: {wrong[0]!r} is no name: give names like weather.local, no ports.")
    host = urlsplit(url).hostname or ""
    return list(dict.fromkeys([f"[{host}]" if ":" in host else host, *LOCAL_HOSTS, *others]))


def is_private(url: str) -> bool:
    """Tell whether an address is for a home network: there, plain HTTP is a choice and not a mistake."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".lan", ".home.arpa", ".internal"))
