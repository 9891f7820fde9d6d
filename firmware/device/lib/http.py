"""Posts a report: plain HTTP/1.0 over one short-lived connection, where every wait has an end."""

import binascii
import socket
import time
from micropython import const

_WAIT_S = const(10)  # for any sign of life from the network
_WHOLE_S = const(30)  # from the connection to the last byte, however slowly bytes arrive
_HEAD = const(1024)  # bytes of headers; a proxy adds some of its own
_BODY = const(1024)


class Server:
    """The address for reports: http://host[:port][/prefix]. Any other address is refused when a report is posted."""

    def __init__(self, url, user, password):
        self._scheme, _, host, *path = url.split("/", 3)
        self._host, *port = host.split(":")
        self._port = int(port[0]) if port else 80
        token = binascii.b2a_base64("%s:%s" % (user, password)).decode().strip()
        prefix = "/" + path[0].rstrip("/") if path and path[0] else ""
        self._head = (
            "POST %s/api/v1/readings/ HTTP/1.0\r\nHost: %s\r\nAuthorization: Basic %s\r\n"
            "Content-Type: application/json\r\nContent-Length: " % (prefix, host, token)
        )

    def post(self, body):
        """Send len(body) bytes, which body yields as strings; return (status, seconds of Retry-After or None, answer).

        Raises OSError.
        """
        if self._scheme != "http:":
            raise OSError("this board speaks http:// only, not %s//" % self._scheme)
        # The port's getaddrinfo has no timeout: only the watchdog ends it.
        address = socket.getaddrinfo(self._host, self._port, 0, socket.SOCK_STREAM)[0][-1]
        connection = socket.socket()
        try:
            connection.settimeout(_WAIT_S)
            connection.connect(address)
            end = time.ticks_add(time.ticks_ms(), _WHOLE_S * 1000)
            _send(connection, "%s%d\r\n\r\n" % (self._head, len(body)), end)
            for text in body:
                _send(connection, text, end)
            return _answer(connection, end)
        finally:
            connection.close()


def _in_time(end):
    if time.ticks_diff(end, time.ticks_ms()) <= 0:
        raise OSError("too slow")


def _send(connection, text, end):
    data = memoryview(text.encode())
    sent = 0
    while sent < len(data):
        _in_time(end)
        sent += connection.send(data[sent:])


def _answer(connection, end):
    head, body = _head(connection, end)
    lines = head.split(b"\r\n")  # bytes: garbage need not be UTF-8
    status = _status(lines[0])
    length = _number(lines, b"content-length:")
    while len(body) < (_BODY if length is None else min(length, _BODY)):
        _in_time(end)
        more = connection.recv(256)
        if not more:
            break
        body += more
    if length is not None and len(body) < min(length, _BODY):
        raise OSError("broken off")
    return status, _number(lines, b"retry-after:"), body


def _head(connection, end):
    """Return the bytes before the empty line, and the bytes after it that have already arrived."""
    data = b""
    while True:
        at = data.find(b"\r\n\r\n")
        if at >= 0:
            return data[:at], data[at + 4 :]
        if len(data) > _HEAD:
            raise OSError("no HTTP")
        _in_time(end)
        more = connection.recv(256)
        if not more:
            raise OSError("broken off")
        data += more


def _status(line):
    words = line.split(b" ", 2)
    if not words[0].startswith(b"HTTP/1.") or len(words) < 2 or not words[1].isdigit():
        raise OSError("no HTTP")
    return int(words[1])


def _number(lines, name):
    """Return a header's value if it is a whole number, else None: Retry-After may also be a date."""
    for line in lines:
        if line.lower().startswith(name):
            text = line[len(name) :].strip()
            return int(text) if text.isdigit() else None
    return None
