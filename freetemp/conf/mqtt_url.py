"""The MQTT broker that MQTT_URL names."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_PORTS = {"mqtt": 1883, "mqtts": 8883}


class Broker(NamedTuple):
    """Where a broker is, and as whom to go there. `ca` is a file with the certificate of its own authority."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    is_encrypted: bool = False
    ca: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def broker(url: str) -> Broker | None:
    """Return the broker of a URL like mqtts://user:password@broker.example:8883, or None if there is none."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS.get(parts.scheme, 0)
        options = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        parts, port, options = urlsplit(""), 0, {}
    if not (parts.hostname and port and parts.path in ("", "/") and options.keys() <= {"ca"}):
        raise ImproperlyConfigured(
            "MQTT_URL: give it like mqtt://127.0.0.1 or mqtts://user:password@broker.example:8883, with %40 for an @ "
            "in the password, and ?ca=/path/of/ca.crt behind it if the broker's authority is one of your own."
        )
    user, password = (unquote(each or "") for each in (parts.username, parts.password))
    return Broker(parts.hostname, port, user, password, parts.scheme == "mqtts", options.get("ca", [""])[0])
