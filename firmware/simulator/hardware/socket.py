"""The port's socket module: every wait runs the timers, ends when the WiFi does, and obeys the world's `dns`."""

import errno

import interrupts
import network
import uselect
import usocket
import world
from usocket import AF_INET, SOCK_DGRAM, SOCK_STREAM  # noqa: F401

LOOK_MS = 5  # How long one poll of the computer lasts.


def _require_wifi(error):
    if not network.WLAN(network.STA_IF).isconnected():
        raise OSError(error)


def getaddrinfo(host, port, *rest):
    """Resolve as lwIP does: an address at once, a name as `dns` says; `hosts` maps names to addresses."""
    if not host.replace(".", "").isdigit():
        while world.fact("dns") == "hang":
            interrupts.wait_ms(100)
        _require_wifi(-2)
        if world.fact("dns") == "fail":
            raise OSError(-2)
    found = usocket.getaddrinfo(world.fact("hosts", {}).get(host, host), port, AF_INET, SOCK_STREAM)
    return [entry for entry in found if entry[1] == SOCK_STREAM]


class socket:  # noqa: N801
    """A TCP connection that waits as lwIP does."""

    def __init__(self, family=AF_INET, kind=SOCK_STREAM, protocol=0):
        self._socket = usocket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        self._timeout_ms = None

    def settimeout(self, seconds):
        self._timeout_ms = None if seconds is None else int(seconds * 1000)

    def connect(self, address):
        _require_wifi(errno.EHOSTUNREACH)
        interrupts.tell_time()
        try:
            self._socket.connect(address)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        if self._wait(uselect.POLLOUT) & (uselect.POLLERR | uselect.POLLHUP):
            raise OSError(errno.ECONNREFUSED)

    def send(self, data):
        return self._when_ready(uselect.POLLOUT, self._socket.send, data)

    def recv(self, size):
        return self._when_ready(uselect.POLLIN, self._socket.recv, size)

    def close(self):
        self._socket.close()

    def _when_ready(self, event, call, argument):
        self._wait(event)
        return call(argument)

    def _wait(self, event):
        """Wait for events of the socket and return them. Raises ETIMEDOUT."""
        poll = uselect.poll()
        poll.register(self._socket, event)
        started_ms = interrupts.now_ms()
        while True:
            ready = poll.poll(LOOK_MS)
            if ready and not world.fact("wifi_down"):
                return ready[0][1]
            interrupts.skip_ms(LOOK_MS)
            if self._timeout_ms is not None and interrupts.now_ms() - started_ms >= self._timeout_ms:
                raise OSError(errno.ETIMEDOUT)
