"""Boards: of single values, of reports with an outbox, and the real MicroPython program."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.crash.client import HALF_YEAR_S, SPACING_S, Board
from tests.programs import ended
from tests.server import ROOT
from tests.soak.documented import complaint
from tests.soak.ledger import Reading
from tests.soak.player import Player

if TYPE_CHECKING:
    from tests.crash.client import Answer
    from tests.soak.soak import Soak

MOST_A_TURN, MOST_A_REPORT = 4, 60
APART_S = 0.02
BATCH_FIELDS, SINGLE_FIELDS = (1, 2), range(3, 9)
HANGS_UP, CROWDS, A_CROWD = 0.1, 0.2, 4


class SingleBoard(Player):
    """Sends single values, and keeps none that was not answered OK."""

    def __init__(self, soak: Soak, name: str, boards: list[Board]) -> None:
        super().__init__(soak, name)
        self.boards = boards

    def turn(self) -> None:
        """Send a value, or some at the same moment: these share a transaction."""
        board = self.random.choice(self.boards)
        if self.random.random() < CROWDS:
            with ThreadPoolExecutor(A_CROWD) as pool:
                list(pool.map(lambda number: self.report(board, number), SINGLE_FIELDS[:A_CROWD]))
            return
        self.report(board, self.random.choice(SINGLE_FIELDS), is_patient=self.random.random() >= HANGS_UP)

    def finish(self) -> None:
        """Have every field report once more: its newest value is then known."""
        for board in self.boards:
            for number in SINGLE_FIELDS:
                deadline = self.patiently(f"field {number} of station {board.station}")
                while self.report(board, number).outcome != 200 and time.monotonic() < deadline:
                    time.sleep(0.5)

    def report(self, board: Board, number: int, *, is_patient: bool = True) -> Answer:
        reading = Reading(board.station, number, self.ledger.value())
        sending = self.ledger.sends([reading], self.name)
        answer = self.send(board.get(number, reading.value), is_patient=is_patient)
        sending.ended(answer.outcome, answer.body.decode("latin-1"))
        self.complain(complaint(answer))
        self.rest(answer)
        return answer


class Outbox(Player):
    """Sends reports, and keeps every reading until it is acknowledged.

    `dating` is `at` or `age`, or `moment` for reports without boot and seq. Some readings with a moment are half a year
    old.
    """

    def __init__(self, soak: Soak, name: str, board: Board, dating: str) -> None:
        super().__init__(soak, name)
        self.board, self.dating = board, dating
        self.began_s = time.time() - HALF_YEAR_S + (hash(name) % 1000) / 1000
        self.measured, self.last_s = 0, 0.0
        self.waiting: deque[tuple[int, Reading]] = deque()
        self._start_counting()

    def _start_counting(self) -> None:
        self.boot, self.seq, self.may_repeat = self.random.getrandbits(32), 0, False

    def turn(self) -> None:
        if not self.waiting and self.random.random() < 0.05:
            self._start_counting()
        for _ in range(self.random.randint(1, MOST_A_TURN)):
            self.measure(is_old=self.dating != "age" and self.random.random() < 0.5)
        self.deliver(is_patient=self.random.random() >= HANGS_UP)

    def finish(self) -> None:
        for number in BATCH_FIELDS:
            self.measure(number)
        deadline = self.patiently(f"{len(self.waiting)} readings wait")
        while self.waiting and time.monotonic() < deadline:
            self.deliver()
            time.sleep(0.1)
        if self.waiting:
            self.complain(f"{len(self.waiting)} readings could not be delivered at the end")

    def measure(self, number: int | None = None, *, is_old: bool = False) -> None:
        """Measure once. Every fourth value of field 2 is below its limit."""
        self.measured += 1
        value = self.ledger.value()
        # Two readings of a field never have the same millisecond.
        self.last_s = max(time.time() - MOST_A_TURN * APART_S, self.last_s + APART_S)
        measured_s = self.began_s + self.measured * SPACING_S if is_old else self.last_s
        number = number or BATCH_FIELDS[self.measured % 2]
        value = -value if number == 2 and value % 4 == 0 else value
        reading = Reading(self.board.station, number, value, round(measured_s, 3), self.dating != "age")
        self.keep(reading)

    def keep(self, reading: Reading) -> None:
        self.waiting.append((self.seq, reading))
        self.seq += 1

    def deliver(self, *, is_patient: bool = True) -> None:
        part = list(self.waiting)[:MOST_A_REPORT]
        now_s = time.time()
        readings = [self._as_json(seq, reading, now_s) for seq, reading in part]
        report = {"readings": readings} | ({} if self.dating == "moment" else {"boot": self.boot})
        sending = self.ledger.sends([reading for _, reading in part], self.name)
        answer = self.send(self.board.post(report), is_patient=is_patient)
        rejected: list[Reading] = []
        if answer.outcome == 200:
            rejected = self.acknowledged(part, json.loads(answer.body), sending.began_s)
        else:
            self.may_repeat = self.may_repeat or self.ledger.may_be_stored(answer.outcome)
            self.complain(complaint(answer, is_batch=True))
        sending.ended(answer.outcome, answer.body.decode("latin-1"), rejected)
        self.rest(answer)

    def _as_json(self, seq: int, reading: Reading, now_s: float) -> dict[str, Any]:
        assert reading.measured_s is not None
        age_s = max(0.0, now_s - reading.measured_s)
        dated = {"at": reading.measured_s} if reading.is_exact else {"age": round(age_s, 3)}
        counted = {} if self.dating == "moment" else {"seq": seq}
        return counted | {"field": reading.field, "value": reading.value} | dated

    def acknowledged(self, part: list[tuple[int, Reading]], receipt: dict[str, Any], began_s: float) -> list[Reading]:
        """Check a receipt. Return the readings that the server's clock has refused: they go again under a new seq."""
        rejected = receipt["rejected"]
        sent, told = len(part), receipt["stored"] + receipt["duplicate"] + len(rejected)
        if told != sent or (receipt["duplicate"] and not self.may_repeat):
            self.complain(f"a report of {sent} readings was answered {receipt}")
        if self.dating != "moment" and receipt["ack"] != part[-1][0]:
            self.complain(f"a report up to {part[-1][0]} was answered {receipt}")
        for _ in part:
            self.waiting.popleft()
        self.may_repeat = self.dating == "moment" and self.may_repeat and bool(rejected)
        if rejected:
            self._look_at(rejected, is_clock_right=self.soak.clock.offsets(began_s, time.time()) == {0})
        refused = self._refused(part, rejected)
        for reading in refused:
            self.keep(reading)
        return refused

    def _look_at(self, rejected: list[dict[str, Any]], *, is_clock_right: bool) -> None:
        """A clock that is behind takes a moment for the future. That of an age depends on the way, and may be taken."""
        codes = {each["code"] for each in rejected}
        is_taken = self.dating == "age" and codes == {"value"}
        if not is_taken and (is_clock_right or codes != {"clock"}):
            self.complain(f"readings were rejected: {rejected[:3]}")

    def _refused(self, part: list[tuple[int, Reading]], rejected: list[dict[str, Any]]) -> list[Reading]:
        """Return the rejected readings: by seq, or else the latest ones, since only a future moment is rejected."""
        if self.dating == "moment":
            latest_first = sorted((reading for _, reading in part), key=lambda each: -(each.measured_s or 0))
            return latest_first[: len(rejected)]
        seqs = {each["seq"] for each in rejected}
        return [reading for seq, reading in part if seq in seqs]


class SimulatedBoard(Player):
    """The real program of a board, in MicroPython. Its flash is on another disk, and its clock is this machine's."""

    pauses_s = (1.0, 1.0)

    def __init__(self, soak: Soak, name: str, station: int) -> None:
        super().__init__(soak, name)
        self.station, self.cuts = station, -1  # how often its power was cut
        self.log = soak.folder / "simulated.log"
        self.process: subprocess.Popen[bytes] | None = None

    def turn(self) -> None:
        """Give it power if it has none: it also ends if the database cannot issue its key."""
        if self.soak.is_board_off:
            self.cut()
        elif self.process is None or self.process.poll() is not None:
            command = [sys.executable, "manage.py", "simulate_station", str(self.station), "--interval", "2"]
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [*command, "--url", self.soak.server.url],
                    cwd=ROOT,
                    env=self.soak.environment | {"VAR_DIR": str(self.soak.folder / "board")},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self.cuts += 1

    def cut(self) -> None:
        if self.process is not None and self.process.poll() is None:
            ended(self.process, signal.SIGTERM)
        self.process = None

    def finish(self) -> None:
        """Wait until it reports one reading at a time again, as it does when nothing waits on its flash."""
        self.turn()
        deadline = self.patiently("its outbox")
        seen = len(self.said())
        while time.monotonic() < deadline:
            last = self.said()[seen:][-2:]
            if len(last) == 2 and all(each.endswith(("stored 1 reading.", "stored 3 readings.")) for each in last):
                break
            time.sleep(0.5)
        else:
            self.complain("it did not deliver everything")
        self.cut()

    def said(self) -> list[str]:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [line for line in lines if " has stored " in line]

    def said_of(self, words: str) -> int:
        """Return how many readings the server has called refused, or known already, as far as an answer came."""
        parts = [part for line in self.said() for part in line.split(" has stored ")[1].rstrip(".").split(", ")]
        return sum(int(part.split()[0]) for part in parts if part.endswith(words))
