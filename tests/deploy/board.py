"""A board's requests through nginx, and the form of every answer."""

from __future__ import annotations

import socket

from tests.conftest import MAC
from tests.deploy.nginx import Nginx

DOWN = b"the server is down for a moment"


def path(key: str, data: str = "21.4") -> bytes:
    return f"/update/API_key={key}/mac={MAC}/field=1/data={data}".encode()


def get(path: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"GET " + path + b" HTTP/1.0", *headers, b"", b""])


def unreadable(key: str) -> list[tuple[bytes, int]]:
    """Return requests that nginx itself refuses, each with its status."""
    return [
        (get(path(key, "\x00")), 400),
        (get(path(key, "%00")), 400),
        (get(path(key, "1" * 9_000)), 414),
        (get(path(key), b"X: " + b"x" * 9_000), 400),
        (get(path(key), b"Host: a b"), 400),
        (get(path(key)).replace(b"GET", b"get"), 400),
        (get(path(key)).replace(b"GET", b"TRACE"), 405),
        (get(path(key)).replace(b"HTTP/1.0", b"HTTP/1.1"), 400),
        (get(path(key)).replace(b"HTTP/1.0", b"HTTP/9.9"), 505),
        (get(path(key)).replace(b"HTTP/1.0", b"HTTP/x"), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ]


def assert_plain_line(answer: tuple[int, dict[str, str], bytes], status: int, line: bytes) -> None:
    got, headers, body = answer
    assert (got, body) == (status, line)
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert int(headers["content-length"]) == len(body)
    assert int(headers["size"]) <= 300
    assert not headers.keys() & {"location", "set-cookie", "transfer-encoding"}


def half_sent(nginx: Nginx, request: bytes) -> socket.socket:
    connection = nginx.connect()
    connection.sendall(request)
    return connection


def send_to_end(nginx: Nginx, request: bytes, *, tls: bool = False) -> bytes:
    """Send raw bytes and return everything that comes back, whether several answers or none."""
    with nginx.connect_tls() if tls else nginx.connect() as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))
