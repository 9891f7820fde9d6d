"""A board in the VM as a device of the simulated world: what breaks in that world breaks around the real firmware."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.device.machine_board import Board

SPEED = 1_000_000  # A sleep takes no time: what counts is the moment up to which the board is led.
NAME = "freetemp.example"
AWAKE_AT_3V3 = 0.8  # V between a battery's voltage and what its regulator leaves to the chip, near its end


class LedBoard:
    """Stands where tests/outages/world.py has a played Device. Time passes for it by lead()."""

    has_outbox = True

    def __init__(self, station: Any, claim: Any, kind: str, site: str, board: Board, begin: datetime) -> None:
        self.station, self.claim, self.kind, self.site, self.board = station, claim, kind, site, board
        self.begin = begin
        self.is_frozen = False
        self._voltage, self._rssi, self._has_network, self._sensor_fails = 4.1, -60, True, False
        board.vm.set(speed=SPEED, rssi=-60, supply_v=3.3 if kind == "battery" else None)

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.station.interval_s)

    def is_user(self, authorization: str) -> bool:
        user = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")[0]
        return user == self.station.mac.replace(":", "")

    # Time

    def has_passed(self) -> datetime:
        """Return the moment of the world that the board has told last."""
        passed = self.board.world / "passed_ms"
        return self.begin + timedelta(milliseconds=int(passed.read_text() or 0) if passed.exists() else 0)

    def lead(self, until: datetime) -> None:
        self._write("until_ms", until)

    def is_at(self, moment: datetime) -> bool:
        return self.is_frozen or not self.board.vm.running or self.has_passed() >= moment

    def _write(self, name: str, moment: datetime) -> None:
        path = self.board.world / name
        path.with_suffix(".host").write_text(str((moment - self.begin) // timedelta(milliseconds=1)))
        path.with_suffix(".host").replace(path)

    # What happens to it

    def get_power(self, now: datetime, random: Any = None) -> None:
        self._write("passed_ms", now)
        self._write("until_ms", now)
        self.board.vm.start()

    def lose_power(self) -> None:
        self.is_frozen = False
        self.board.vm.power_cut()

    def freeze(self) -> None:
        """Let it hang as no watchdog notices."""
        self.is_frozen = True
        self.board.vm.hang()

    def press_reset(self, now: datetime) -> None:
        self.is_frozen = False
        self._write("passed_ms", now)
        self._write("until_ms", now)
        self.board.vm.press_reset()

    @property
    def has_network(self) -> bool:
        return self._has_network

    @has_network.setter
    def has_network(self, on: bool) -> None:
        self._has_network = on
        self.board.vm.set(wifi_down=None if on else True)

    @property
    def sensor_fails(self) -> bool:
        return self._sensor_fails

    @sensor_fails.setter
    def sensor_fails(self, fails: bool) -> None:
        self._sensor_fails = fails
        self.board.vm.set(sensor_fault="absent" if fails else None)

    @property
    def hangs(self) -> bool:
        return bool(self.board.vm.facts.get("sensor_fault") == "block")

    @hangs.setter
    def hangs(self, hangs: bool) -> None:
        """Let the call that talks to its sensor never return: the watchdog bites, and after each restart again."""
        self.board.vm.set(sensor_fault="block" if hangs else None)

    @property
    def knows_names(self) -> bool:
        return self.board.vm.facts.get("dns") is None

    @knows_names.setter
    def knows_names(self, knows: bool) -> None:
        """Let the question for the server's address hang, which the port gives no end."""
        self.board.vm.set(dns=None if knows else "hang")

    @property
    def rssi(self) -> int:
        return self._rssi

    @rssi.setter
    def rssi(self, dbm: int) -> None:
        if dbm != self._rssi:
            self._rssi = dbm
            self.board.vm.set(rssi=dbm)

    @property
    def voltage(self) -> float:
        return self._voltage

    @voltage.setter
    def voltage(self, volts: float) -> None:
        if volts != self._voltage:
            self._voltage = volts
            self.board.vm.set(supply_v=volts - AWAKE_AT_3V3)

    @property
    def outbox(self) -> bool:
        """Tell whether it has readings that the server has not."""
        newest = self.station.fields.get(number=1).newest_at
        is_behind = newest is None or self.has_passed() - newest > 2.5 * self.interval
        return self.board.vm.running and self.has_network and not self.sensor_fails and is_behind


def make_board(where: Path, url: str, mac: str, key: str, kind: str, interval_s: int) -> Board:
    """Make a board that asks for its server by a name."""
    own = {"battery": True} if kind == "battery" else {}
    board = Board(where, url.replace("127.0.0.1", NAME), mac=mac, key=key, interval_s=interval_s, **own)
    board.vm.set(hosts={NAME: "127.0.0.1"})
    return board
