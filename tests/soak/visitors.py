"""Visitors: viewers, readers of files who are slow or do not read at all, people who log in, and strangers."""

from __future__ import annotations

import http.client
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from functools import partial
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING

from tests.crash.client import LOST, NOT_SENT, Answer, Board
from tests.soak.documented import complaint, complaint_of_page
from tests.soak.ledger import Reading
from tests.soak.player import Player

if TYPE_CHECKING:
    from tests.soak.soak import Soak

VIEWS = (
    "/",
    "/?q=Board",
    "/stations/{0}/",
    "/stations/{0}/?period=week",
    "/stations/{0}/?period=all&compare=year",
    "/stations/{0}/embed/",
    "/stations/{0}/chart.svg?period=24h",
    "/stations/{0}/preview.png",
    "/api/v1/stations/",
    "/api/v1/stations/{0}/",
    "/api/v1/stations/{0}/series/?field=1&points=500",
    "/stations/999999/",
)
WRONG_FROM = "127.0.0.2"  # Whoever sends wrong passwords has to wait, and keepers log in too.
FILES = ("readings.csv", "readings.json", "readings.xlsx")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Visitor(Player):
    """A player that asks for pages, without cookies."""

    def look(self, path: str) -> Answer:
        host = f"Host: 127.0.0.1:{self.soak.port}"
        answer = self.send(f"GET {path} HTTP/1.0\r\n{host}\r\n\r\n".encode())
        self.complain(complaint_of_page(answer, path))
        return answer


class Viewer(Visitor):
    """Looks at pages, pictures and the JSON API."""

    pauses_s = (0.5, 3.0)

    def turn(self) -> None:
        self.look(self.random.choice(VIEWS).format(self.random.choice(self.soak.stations)))


class Reader(Visitor):
    """Downloads files: as fast as it can, slowly, or without reading at all until it leaves."""

    pauses_s = (2.0, 6.0)

    def turn(self) -> None:
        path = f"/stations/{self.random.choice(self.soak.stations)}/{self.random.choice(FILES)}?period=all"
        way = self.random.choice((self.look, self.read_slowly, self.read_nothing))
        way(path)

    def read_slowly(self, path: str) -> None:
        self._ask(path, lambda connection: connection.recv(2_000))

    def read_nothing(self, path: str) -> None:
        self._ask(path, lambda connection: b"-")

    def _ask(self, path: str, read: object) -> None:
        """Ask for a file, and stay for some seconds at most. The server may hang up first."""
        assert callable(read)
        leaves_at = time.monotonic() + self.random.uniform(3, 20)
        try:
            with socket.create_connection(("127.0.0.1", self.soak.port), timeout=5) as connection:
                connection.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{self.soak.port}\r\n\r\n".encode())
                while read(connection) and time.monotonic() < leaves_at and not self.soak.stopping.wait(0.5):
                    pass
        except OSError:
            self.lost += 1


class _From(urllib.request.HTTPHandler):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(http.client.HTTPConnection, source_address=(self.address, 0)), request)


class Browser:
    """Keeps cookies, follows redirects, and sends forms back with their token. It asks from an address of loopback."""

    def __init__(self, url: str, address: str = "127.0.0.1") -> None:
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _From(address))

    def open(self, path: str, form: dict[str, str] | None = None) -> Answer:
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(f"{self.url}{path}", data, {"Referer": f"{self.url}{path}"})
        try:
            with self.opener.open(request, timeout=60) as response:
                return Answer(response.status, _lower(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), b"")
        except ConnectionRefusedError:
            return Answer(NOT_SENT)
        except OSError as error:  # The server was killed, or has no time.
            return Answer(NOT_SENT if "refused" in str(error) else LOST)

    def post(self, path: str, **form: str) -> Answer:
        """Get a form and send it with these values. Return the answer, or that to the first request if it was none."""
        page = self.open(path)
        token = _TOKEN.search(page.body.decode(errors="replace"))
        return self.open(path, {"csrfmiddlewaretoken": token[1], **form}) if token else page

    def log_in(self, password: str) -> Answer:
        return self.post("/account/login/?next=/admin/", username="admin", password=password, next="/admin/")


def _lower(headers: object) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}  # type: ignore[attr-defined]


class Person(Player):
    """Logs in with right and wrong passwords, and looks at the admin's overview."""

    pauses_s = (8.0, 20.0)

    def turn(self) -> None:
        is_right = self.random.random() < 0.6
        browser = Browser(self.soak.server.url, "127.0.0.1" if is_right else WRONG_FROM)
        answer = browser.log_in(self.soak.password if is_right else "wrong")
        self.complain(complaint_of_page(answer, "/account/login/"))
        is_in = answer.outcome == 200 and b'id="site-name"' in answer.body and b"/admin/logout/" in answer.body
        if is_in and not is_right:
            self.complain("a wrong password logged in")
        if is_in:
            self.complain(complaint_of_page(browser.open("/admin/overview/"), "/admin/overview/"))
        self.rest(answer)


class Stranger(Visitor):
    """Sends what is refused, half of it unfinished. None of it may be stored."""

    pauses_s = (1.5, 4.0)

    def __init__(self, soak: Soak, name: str, boards: list[Board]) -> None:
        super().__init__(soak, name)
        self.boards = boards

    def turn(self) -> None:
        board = self.random.choice(self.boards)
        reading = Reading(board.station, 3, self.ledger.value())
        requests = self._requests(board, reading.value)
        request = self.random.choice(requests)
        sending = self.ledger.sends([reading], self.name)
        if self.random.random() < 0.2:
            self.hold(request[: self.random.randrange(1, len(request) - 4)])
            answer = Answer(NOT_SENT)
        else:
            answer = self.send(request)
            self.complain(complaint(answer))
        if answer.outcome == 200:
            self.complain(f"{request!r} was accepted")
        sending.ended(answer.outcome if answer.outcome != LOST else "nothing", answer.body.decode("latin-1"))

    def _requests(self, board: Board, value: float) -> list[bytes]:
        stranger, wrong = board._replace(mac="02:ff:ff:ff:ff:ff"), board._replace(key="0" * 32)
        right = board.get(3, value)
        return [
            stranger.get(3, value),
            wrong.get(3, value),
            wrong.post({"boot": 1, "readings": [{"seq": 1, "field": 3, "value": value, "age": 0}]}),
            board.get(99, value),
            right.replace(b"/data=", b"/data=x"),
            right.replace(b"GET", b"HEAD"),
            right.replace(b"GET", b"POST"),
            right.replace(b"/update", b"/Update"),
            right.replace(b"\r\n", b"\n"),
            board.post({"boot": -1, "readings": [{"seq": 1, "field": 3, "value": value, "age": 0}]}),
            board.post({"readings": [{"field": 3, "value": value}]}),
        ]

    def hold(self, part: bytes) -> None:
        """Send a part of a request, and keep the connection for a while."""
        try:
            with socket.create_connection(("127.0.0.1", self.soak.port), timeout=5) as connection:
                connection.sendall(part)
                self.soak.stopping.wait(self.random.uniform(1, 8))
        except OSError:
            self.lost += 1
