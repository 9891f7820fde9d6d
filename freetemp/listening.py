"""The addresses on which a server listens and is reached. bootstrap.py needs this before anything is installed,
so it uses only the standard library."""

import errno
import http.client
import os
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what --lan asks for
SEEN_FROM_HERE = {EVERYWHERE: "127.0.0.1", "::": "::1"}


class ListenError(Exception):
    """The message gives the reason, and what to do."""


class Address(NamedTuple):
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Return the address in a text like 127.0.0.1:8000 or [::1]:8000, or raise ValueError."""
        parts = urlsplit(f"//{text}")
        if not parts.hostname or not parts.port:
            raise ValueError(f"{text!r} is no address and port")
        return cls(parts.hostname, parts.port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def seen_from_here(self) -> "Address":
        return self._replace(host=SEEN_FROM_HERE.get(self.host, self.host))

    def check(self) -> None:
        """Raise ListenError if a server could not listen here."""
        try:
            self._bind()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ListenError(
                    f"Port {self.port} is taken: stop what uses it, or choose another, like --bind {self._next()}."
                ) from error
            raise ListenError(f"Nothing can listen on {self}: {error.strerror}. Choose another --bind.") from error

    def _bind(self) -> None:
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            if os.name != "nt":  # As the server does: connections left by a stopped server do not matter.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(self)

    def _next(self) -> "Address":
        return self._replace(port=self.port + 1 if self.port < 65535 else 8000)

    def answers(self) -> bool:
        """Tell whether an HTTP server answers here, with any answer."""
        connection = http.client.HTTPConnection(str(self.seen_from_here()), timeout=30)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def is_of_this_machine(host: str) -> bool:
    """Tell whether an IPv4 address belongs to this machine now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
        return True


def address_in_network() -> str:
    """Return this machine's address on the interface that outgoing packets use. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # An address reserved for documentation (RFC 5737): nobody has it.
        except OSError as error:
            raise ListenError(
                "This machine is in no network, so that no board could reach it: join one, or leave out --lan."
            ) from error
        return str(probe.getsockname()[0])
