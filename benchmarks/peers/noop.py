"""The least that a WSGI application can do: it gives freetemp's answer without reading or storing anything."""

from collections.abc import Callable
from typing import Any

APP = "benchmarks.peers.noop"
HEADERS = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), ("Content-Length", "2")]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", HEADERS)
    return [b"OK"]
