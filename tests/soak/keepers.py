"""Keepers: people who manage stations and readings with the admin and with commands, while everything else goes on."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.client import LOST, Answer, Board, exchange
from tests.server import ROOT
from tests.soak.documented import complaint, complaint_of_page
from tests.soak.ledger import Fate, Reading
from tests.soak.player import Player
from tests.soak.visitors import Browser

if TYPE_CHECKING:
    from tests.soak.soak import Soak

IMPORTED, REMOVED = 40, 15  # readings
BEGAN_S = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
_NEW_KEY = re.compile(rb'id="new-key">([^<]+)<')
_STATION = re.compile(r"station (\d+)\nkey (\S+)")


class Keeper(Player):
    """A player that runs commands."""

    pauses_s = (4.0, 10.0)

    def manage(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a command. It may fail while something is broken, with a sentence and without a traceback."""
        self.ledger.note(self.name, *map(str, arguments))
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.soak.environment,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # Ctrl-C is not for it.
        )
        if "Traceback" in done.stderr:
            self.complain(f"{arguments[0]} ended with a traceback: {done.stderr[-1500:]}")
        elif done.returncode and not self.soak.timeline.was_broken(time.time() - 30):
            self.complain(f"{arguments[0]} failed although nothing was broken: {done.stderr[-300:]}")
        return done


class Importer(Keeper):
    """Imports readings into a station, takes some of them out again, and brings them back from their file."""

    def __init__(self, soak: Soak, name: str, station: int) -> None:
        super().__init__(soak, name)
        self.station, self.rounds = station, 0

    def turn(self) -> None:
        readings = self._round()
        file = self.soak.folder / f"import-{self.rounds}.csv"
        rows = [f"{_iso(reading)},{reading.value}" for reading in readings]
        file.write_text("\n".join(["measured_at,temperature", *rows, ""]))
        sending = self.ledger.sends(readings, self.name)
        if not self.until_it_succeeds(lambda: self._import(file)):
            return sending.ended(LOST)
        sending.ended(200)
        self._remove_and_bring_back(readings[10 : 10 + REMOVED])
        return None

    def finish(self) -> None:
        self.turn()

    def _round(self) -> list[Reading]:
        self.rounds += 1
        first_s = BEGAN_S + self.rounds * 86_400
        return [
            Reading(self.station, 1, self.ledger.value(), first_s + number * 600, is_exact=True)
            for number in range(IMPORTED)
        ]

    def _remove_and_bring_back(self, readings: list[Reading]) -> None:
        """Remove a span, into a new file for each try, and bring it back from all of them."""
        span = ("--from", _iso(readings[0]), "--to", _iso(readings[-1], later_s=1))
        files = [self.soak.folder / f"removed-{self.rounds}-{number}.csv" for number in range(100)]
        _all_are(readings, Fate.PERHAPS)
        output = iter(files)
        if self.until_it_succeeds(lambda: ("remove_readings", self.station, *span, "--yes", "--output", next(output))):
            _all_are(readings, Fate.REMOVED)
        if self.random.random() < 0.7:
            _all_are(readings, Fate.PERHAPS)
            written = [file for file in files if file.exists()]
            if all(self.until_it_succeeds(lambda file=file: self._import(file)) for file in written):
                _all_are(readings, Fate.STORED)

    def _import(self, file: Path) -> tuple[object, ...]:
        return "import_readings", self.station, file

    def until_it_succeeds(self, command: Callable[[], tuple[object, ...]]) -> bool:
        """Run a command again until it has done its work, as its sentence says. Return whether it has."""
        deadline = self.patiently("a command")
        while time.monotonic() < deadline:
            done = self.manage(*command())
            if done.returncode == 0:
                return True
            time.sleep(1)
        self.complain(f"{command()} never succeeded: {done.stdout[-300:]} {done.stderr[-300:]}")
        return False


class Founder(Keeper):
    """Adds a station, has it report, and deletes it with its readings; changes the key of another in the admin."""

    pauses_s = (8.0, 16.0)

    def __init__(self, soak: Soak, name: str, board: Board) -> None:
        super().__init__(soak, name)
        self.board = board
        self.left: list[int] = []  # stations whose deletion failed half-way

    def finish(self) -> None:
        """Delete what is left, and use the newest key: the page may have been lost that showed it."""
        for station in self.left:
            self.manage("delete_station", station, "--yes")
        self.change_key()

    def turn(self) -> None:
        if self.random.random() < 0.5:
            self.found_and_delete()
        else:
            self.change_key()

    def found_and_delete(self) -> None:
        mac = f"02:00:00:01:{self.turns // 256 % 256:02x}:{self.turns % 256:02x}"
        added = self.manage("add_station", f"Temporary {self.turns}", "--mac", mac, "--timezone", "UTC")
        found = _STATION.search(added.stdout)
        if not found:
            return
        self.soak.keys.append(found[2])
        self.report(board := Board(int(found[1]), mac, found[2]))
        self.ledger.gone.add(board.station)
        if self.manage("delete_station", board.station, "--yes").returncode:
            self.left.append(board.station)

    def change_key(self) -> None:
        """Issue a key in the admin, use it, and see that the one before has ended."""
        browser = Browser(self.soak.server.url)
        answer = browser.log_in(self.soak.password)
        path = f"/admin/stations/station/{self.board.station}/keys/"
        page = browser.post(path, issue="1") if answer.outcome == 200 else answer
        self.complain(complaint_of_page(page, path))
        key = _NEW_KEY.search(page.body)
        if not key:
            return
        self.soak.keys.append(key[1].decode())
        old, self.board = self.board, self.board._replace(key=key[1].decode())
        if self.report(self.board).outcome == 200 and self.report(old).outcome == 200:
            self.complain("a key was accepted after the next one had been used")

    def report(self, board: Board) -> Answer:
        reading = Reading(board.station, 1, self.ledger.value())
        sending = self.ledger.sends([reading], self.name)
        answer = exchange(self.soak.port, board.get(1, reading.value))
        sending.ended(answer.outcome, answer.body.decode("latin-1"))
        self.complain(complaint(answer))
        return answer


class Operator(Keeper):
    """Makes backups, prepares the server once more, and compares the rollups, while the server runs."""

    pauses_s = (15.0, 30.0)

    def turn(self) -> None:
        command = self.random.choice((("backup",), ("prepare",), ("rebuild_rollups", "--check"), ("check",)))
        done = self.manage(*command)
        if "differ:" in done.stderr:
            self.complain(f"rollups differ: {done.stdout[-1000:]}")


def _all_are(readings: list[Reading], fate: Fate) -> None:
    for each in readings:
        each.fate = fate


def _iso(reading: Reading, later_s: float = 0) -> str:
    assert reading.measured_s is not None
    return datetime.fromtimestamp(reading.measured_s + later_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
