"""A client process of the crash test: boards that report, and a ledger of the answers that they get.

It relies only on docs/http-api.md, and every value that it ever sends is unique.
"""

from __future__ import annotations

import base64
import json
import random
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple

TIMEOUT_S = 30
VALUES_A_CLIENT = 100_000_000
MOST_A_REPORT = 60
SPACING_S = 20  # Between two measurements: an answer takes less, so a board's measurements never coincide.
BATCH_FIELDS, SINGLE_FIELDS = (1, 2), range(3, 19)  # A field accepts five single values a second for long.
HANGS_UP = 0.03  # The share of requests without waiting for an answer, like a board that loses its WiFi.
HALF_YEAR_S = 180 * 86_400

NOT_SENT, LOST = "not sent", "lost"


class Board(NamedTuple):
    """A board's knowledge of its station."""

    station: int
    mac: str
    key: str

    def get(self, number: int, value: float) -> bytes:
        """Return the request that reports one value."""
        return f"GET /update/API_key={self.key}/mac={self.mac}/field={number}/data={value} HTTP/1.0\r\n\r\n".encode()

    def post(self, report: dict[str, Any]) -> bytes:
        """Return the request that reports many values."""
        body = json.dumps(report).encode()
        user = f"{self.mac.replace(':', '')}:{self.key}".encode()
        head = (
            "POST /api/v1/readings/ HTTP/1.0\r\nContent-Type: application/json\r\n"
            f"Authorization: Basic {base64.b64encode(user).decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Console(NamedTuple):
    """A weather station of another maker, which speaks Weather Underground's format. Its field 1 keeps °F."""

    station: int
    key: str

    def get(self, date: str, value: float) -> bytes:
        query = f"ID=x&PASSWORD={self.key}&action=updateraw&dateutc={date}&tempf={value}"
        return f"GET /weatherstation/updateweatherstation.php?{query} HTTP/1.0\r\n\r\n".encode()


class Answer(NamedTuple):
    """A whole answer: its status, its headers in lower case, its body. The outcome may also be NOT_SENT or LOST."""

    outcome: int | str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""


@dataclass
class Single:
    """A value sent by the device URL, and its outcome: a status, or no answer."""

    station: int
    field: int
    value: float
    outcome: int | str


@dataclass
class Counting:
    """The readings of one boot in the order of `seq`, which begins with 0."""

    station: int
    boot: int
    readings: list[tuple[int, float, float]] = field(default_factory=list)  # field, value, measured at
    settled: int = 0  # the number of acknowledged readings
    tried: set[int] = field(default_factory=set)  # the ends of reports since then that got no answer


@dataclass
class Ledger:
    """The requests of a client and the answers to them."""

    singles: list[Single] = field(default_factory=list)
    boots: list[Counting] = field(default_factory=list)
    lost: int = 0
    complaints: list[str] = field(default_factory=list)


class Client:
    """Reports for its own boards by batches, and for all boards by single values."""

    def __init__(self, number: int, port: int, boards: list[Board], shared: list[Board], seed: int) -> None:
        self.random = random.Random(f"{seed} {number}")
        self.port, self.boards, self.shared = port, boards, shared
        self.values = count(number * VALUES_A_CLIENT + 1)
        self.ledger = Ledger()
        self.console: Console | None = None
        self.hangs_up = 0.0
        self.began_at = time.time() - HALF_YEAR_S
        self.counting = {board.station: self._boot(board) for board in boards}

    def play(self, stop_at: float, give_up_at: float) -> Ledger:
        """Report until `stop_at`, then only resend unacknowledged readings, until `give_up_at` at the latest."""
        while time.time() < stop_at:
            if self.console and self.random.random() < 0.2:
                self._send_by_console(self.console)
            elif self.random.random() < 0.6:
                self._send_single(self.random.choice(self.boards + self.shared * 3))
            else:
                self._report(self.random.choice(self.boards), self.random.randint(1, 20))
        for board in self.boards:
            while self._unsettled(board) and time.time() < give_up_at:
                self._report(board, 0)
        return self.ledger

    def _unsettled(self, board: Board) -> bool:
        counting = self.counting[board.station]
        return counting.settled < len(counting.readings)

    def _boot(self, board: Board) -> Counting:
        counting = Counting(board.station, self.random.getrandbits(32))
        self.ledger.boots.append(counting)
        return counting

    def _send_single(self, board: Board) -> None:
        value, number = float(next(self.values)), self.random.choice(SINGLE_FIELDS)
        outcome, body = self.exchange(self.get(board, number, value))
        if outcome == 200 and body != b"OK":
            self.ledger.complaints.append(f"{body!r} is not OK")
        self.ledger.singles.append(Single(board.station, number, value, outcome))

    def _send_by_console(self, console: Console) -> None:
        """Send a value as consoles do, once and as of now, or as WeeWX does, with its date and up to three times.

        The answer has status 200 whatever happens, so its words tell the outcome.
        """
        value = float(next(self.values))
        at = time.gmtime(self.began_at + value % VALUES_A_CLIENT * SPACING_S)
        dates = ["now"] if self.random.random() < 0.5 else [time.strftime("%Y-%m-%d%%20%H:%M:%S", at)] * 3
        outcomes = []
        for date in dates:
            outcome, body = self.exchange(console.get(date, value))
            outcomes.append(503 if body.startswith(b"ERROR try later") else outcome)
            if outcome == 200:
                break
        last = LOST if LOST in outcomes and outcomes[-1] != 200 else outcomes[-1]
        if last == 200 and body != b"success\n":
            self.ledger.complaints.append(f"{body!r} is no success")
        self.ledger.singles.append(Single(console.station, 1, value, last))

    def _report(self, board: Board, new: int) -> None:
        """Measure some more, and send the oldest unacknowledged readings: a report grows after a lost answer."""
        if not self._unsettled(board) and self.random.random() < 0.05:
            self.counting[board.station] = self._boot(board)
        counting = self.counting[board.station]
        counting.readings += [self.measured() for _ in range(new)]
        end = min(len(counting.readings), counting.settled + MOST_A_REPORT)
        outcome, body = self.exchange(self.report_of(board, counting, end))
        if outcome == 200:
            self._check(counting, end, json.loads(body))
            counting.settled, counting.tried = end, set()
        elif outcome == NOT_SENT:
            return
        elif outcome in (LOST, 503):
            counting.tried.add(end)
        else:
            self.ledger.complaints.append(f"a report was answered {outcome}: {body!r}")

    def measured(self) -> tuple[int, float, float]:
        """Return a measurement. Every second one of field 2 is not plausible."""
        value = next(self.values)
        sign = -1 if value % 4 == 0 else 1
        return BATCH_FIELDS[value % 2 == 0], float(sign * value), self.began_at + (value % VALUES_A_CLIENT) * SPACING_S

    def get(self, board: Board, number: int, value: float) -> bytes:
        return board.get(number, value)

    def report_of(self, board: Board, counting: Counting, end: int) -> bytes:
        return self.post(board, {"boot": counting.boot, "readings": self._readings(board, counting, end)})

    def post(self, board: Board, report: dict[str, Any]) -> bytes:
        return board.post(report)

    def _readings(self, board: Board, counting: Counting, end: int) -> list[dict[str, Any]]:
        """Every second station's board has no clock: its moments differ when it sends them again."""
        now, has_clock = time.time(), board.station % 2 == 0
        return [
            {"seq": seq, "field": number, "value": value}
            | ({"at": round(at, 3)} if has_clock else {"age": round(now - at, 3)})
            for seq, (number, value, at) in enumerate(counting.readings[:end])
            if seq >= counting.settled
        ]

    def _check(self, counting: Counting, end: int, receipt: dict[str, Any]) -> None:
        sent = end - counting.settled
        is_right = receipt["stored"] + receipt["duplicate"] == sent and receipt["rejected"] == []
        is_new = receipt["stored"] == sent or counting.tried
        if not (is_right and is_new and receipt["ack"] == (end - 1 if sent else None)):
            self.ledger.complaints.append(f"a report of {sent} up to {end - 1} was answered {receipt}")

    def exchange(self, request: bytes) -> tuple[int | str, bytes]:
        """Return the status and the body of the whole answer. A request that was not sent must store nothing."""
        answer = exchange(self.port, request, is_patient=self.random.random() >= self.hangs_up)
        if answer.outcome == NOT_SENT:
            time.sleep(self.random.uniform(0.02, 0.1))  # Like a board, the client waits for the server.
        self.ledger.lost += answer.outcome == LOST
        return answer.outcome, answer.body


def exchange(port: int, request: bytes, *, is_patient: bool = True) -> Answer:
    """Send a request on a connection of its own. Without patience, hang up at once."""
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
    except OSError:
        return Answer(NOT_SENT)
    with connection:
        return _answer(connection, request, is_patient=is_patient)


def _answer(connection: socket.socket, request: bytes, *, is_patient: bool) -> Answer:
    try:
        connection.sendall(request)
        if not is_patient:
            return Answer(LOST)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    except OSError:
        return Answer(LOST)
    head, found, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    is_whole = len(body) >= int(headers.get("content-length", 0)) or request.startswith(b"HEAD ")
    return Answer(int(status.split()[1]), headers, body) if found and is_whole else Answer(LOST)


def play(
    number: int,
    port: int,
    boards: list[Board],
    shared: list[Board],
    console: Console,
    seed: int,
    stop_at: float,
    give_up_at: float,
) -> Ledger:
    client = Client(number, port, boards, shared, seed)
    client.console = console
    client.hangs_up = HANGS_UP
    return client.play(stop_at, give_up_at)
