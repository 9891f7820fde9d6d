"""A server of map tiles on the loopback interface, which a browser cannot tell from a real one."""

from __future__ import annotations

import struct
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self


def png(red: int, green: int, blue: int) -> bytes:
    """Return a picture of one pixel, which a browser stretches."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    dot = zlib.compress(bytes([0, red, green, blue]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", dot) + chunk(b"IEND", b"")


LAND = png(236, 233, 224)


class Handler(BaseHTTPRequestHandler):
    server: Tiles

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Referer")))
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(LAND)))
        self.end_headers()
        self.wfile.write(LAND)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Tiles(ThreadingHTTPServer):
    """Answers every tile; `asked` has the paths and the referrers that the browser sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.url = f"{self.origin}/tiles/{{z}}/{{x}}/{{y}}.png"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()
