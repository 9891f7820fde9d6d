"""Sends bytes in packets and reads answers until the other side closes."""

from __future__ import annotations

import socket
import time
from typing import NamedTuple

ANSWER_WITHIN_S = 60  # Longer than the server may wait for a database; a server that hangs never answers.


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    size: int

    @property
    def is_gunicorns(self) -> bool:
        """Whether gunicorn itself refused it, as docs/http-api.md says."""
        return self.body.startswith(b"request: ") and self.headers.get("connection") == "close"


class Exchange(NamedTuple):
    answers: list[Answer]
    is_reset: bool  # The other side closed before it had read everything.


def exchange(port: int, stream: bytes, cuts: list[int]) -> Exchange:
    """Send a stream in packets of these lengths, then end it, and return every answer.

    Raises TimeoutError if the server neither answers nor closes.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        is_reset = not _send(connection, stream, cuts)
        received = bytearray()
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while True:
            try:
                part = connection.recv(65_536)
            except ConnectionError:
                is_reset = True
                break
            if not part:
                break
            received += part
            if time.monotonic() > deadline:
                raise TimeoutError(f"no end after {bytes(received[:200])!r}")
    return Exchange(read_answers(bytes(received)), is_reset)


def _send(connection: socket.socket, stream: bytes, cuts: list[int]) -> bool:
    try:
        for length in cuts:
            connection.sendall(stream[:length])
            stream = stream[length:]
            time.sleep(0.001)
        connection.sendall(stream)
        connection.shutdown(socket.SHUT_WR)
    except TimeoutError:
        raise
    except OSError:  # The connection is reset, or closed.
        return False
    return True


def read_answers(received: bytes) -> list[Answer]:
    """Return the answers in the received bytes, and fail if there are any other bytes."""
    answers = []
    while received:
        head, found, rest = received.partition(b"\r\n\r\n")
        assert found, f"half an answer: {received[:200]!r}"
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        code = int(status.split()[1])
        length = _length(headers, rest) if code != 100 else 0
        assert 0 <= length <= len(rest), f"of another length: {received[:400]!r}"
        if code != 100:
            answers.append(Answer(code, headers, rest[:length], len(head) + 4 + length))
        received = rest[length:]
    return answers


def _length(headers: dict[str, str], rest: bytes) -> int:
    """Return the length of a body. Boards' answers state it; a page, which mangled bytes may request, need not."""
    if "content-length" in headers:
        return int(headers["content-length"])
    return rest.index(b"0\r\n\r\n") + 5 if headers.get("transfer-encoding") == "chunked" else len(rest)
