"""Sends what a network's module made, over HTTP or TCP, and returns what came back. It follows no redirect."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request

from freetemp.http.no_redirects import NoRedirects
from uploads.networks.base import SOFTWARE, Answer, HttpRequest, LineRequest

TIMEOUT_S = 10.0  # for each wait: to connect, and for the next bytes
MOST_BYTES = 4096
_LOGIN_S, _AFTER_S = 5.0, 2.0


class NoAnswerError(Exception):
    """Nothing came back. The message is a sentence, and holds no secret."""


def send(request: HttpRequest | LineRequest) -> Answer:
    """Send a request. Raises NoAnswerError."""
    try:
        return _over_http(request) if isinstance(request, HttpRequest) else _over_tcp(request)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswerError(_reason(getattr(error, "reason", error))) from None  # A cause would hold the address.


def _over_http(request: HttpRequest) -> Answer:
    headers = {"User-Agent": SOFTWARE.replace("-", "/"), **request.headers}
    prepared = urllib.request.Request(request.url, request.body, headers, method=request.method)  # noqa: S310 - checked before
    try:
        with urllib.request.build_opener(NoRedirects).open(prepared, timeout=TIMEOUT_S) as answer:
            return Answer(answer.status, answer.read(MOST_BYTES).decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(MOST_BYTES).decode(errors="replace"))


def _over_tcp(request: LineRequest) -> Answer:
    """Send a login and a line to the first server that can be reached."""
    failure: OSError = ConnectionError("no server is named")
    for server in request.servers:
        host, _, port = server.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as connection:
                return _talk(connection, request)
        except OSError as error:
            failure = error
    raise failure


def _talk(connection: socket.socket, request: LineRequest) -> Answer:
    """Log in, wait for the answer to that, and send the line. Not every server answers."""
    connection.sendall(f"{request.login}\r\n".encode("ascii", "replace"))
    said = _hear(connection, _LOGIN_S, "logresp")
    connection.sendall(f"{request.line}\r\n".encode("ascii", "replace"))
    connection.shutdown(socket.SHUT_WR)
    return Answer(200, said + _hear(connection, _AFTER_S))


def _hear(connection: socket.socket, wait_s: float, until: str = "") -> str:
    connection.settimeout(wait_s)
    heard = b""
    try:
        while len(heard) < MOST_BYTES and not (until and until.encode() in heard and heard.endswith(b"\n")):
            part = connection.recv(1024)
            if not part:
                break
            heard += part
    except TimeoutError:
        pass  # It says no more.
    return heard.decode("ascii", "replace")


def _reason(error: object) -> str:
    match error:
        case socket.gaierror():
            return "Its name is not found: is this server online?"
        case ssl.SSLCertVerificationError():
            return f"It cannot prove that it is itself ({error.verify_message}): nothing was sent to it."
        case ssl.SSLError():
            return "It speaks no TLS that this server knows."
        case ConnectionRefusedError():
            return "Nothing listens at its address."
        case TimeoutError():
            return f"It did not answer within {TIMEOUT_S:.0f} s."
        case ValueError() | http.client.HTTPException():
            return "It answered with something that is no HTTP."
    return "It cannot be reached: see whether this server is online."
