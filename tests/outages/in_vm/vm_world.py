"""The simulated world with boards in the VM: the project's firmware reports to the real views, at the moved clock.

Boards in focus are led together, a step at a time. The others have no power, and are marked as heard, as played ones
are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.test import Client

from tests.outages.in_vm.gate import Gate, Request
from tests.outages.in_vm.led_board import LedBoard, make_board
from tests.outages.world import BEGIN, Device, World
from tests.programs import PATIENCE_S

IN_VM = ("board", "battery")
A_STRIDE = timedelta(minutes=5)  # while nobody looks


class VmWorld(World):
    """`folder` holds the boards' flash. Use it within its gate."""

    def __init__(self, seed: int, sites: dict[str, list[tuple[str, int]]], folder: Path, gate: Gate) -> None:
        self.folder, self.gate, self.client = folder, gate, Client()
        self._focus: list = []
        self._reported_at: datetime | None = None
        super().__init__(seed, sites)

    def _make(self, site: str, n: int, kind: str, interval_s: int):
        if kind not in IN_VM:
            return super()._make(site, n, kind, interval_s)
        from stations.models import Claim, Key, Station

        mac = f"6c:ef:7f:{self.random.randrange(256):02x}:{ord(site):02x}:{n:02x}"
        station = Station.objects.create(name=f"{site}{n} {kind}", interval_s=interval_s, last_heard_at=BEGIN, mac=mac)
        station.fields.get_or_create(number=1)
        key = f"{self.random.getrandbits(128):032x}"
        Key.objects.issue(station, key)
        board = make_board(self.folder / f"{site}{n}", self.gate.url, mac, key, kind, interval_s)
        return LedBoard(station, Claim.of(mac, key), kind, site, board, BEGIN)

    @property
    def moment(self) -> datetime:
        return self._reported_at or self.now

    @property
    def focus(self) -> list:
        return self._focus

    @focus.setter
    def focus(self, devices: list) -> None:
        """Start boards that come into focus, and take the power of those that leave it."""
        for each in _led(self._focus):
            if each not in devices:
                each.lose_power()
        for each in _led(devices):
            if each not in self._focus:
                each.get_power(self.now)
        self._focus = devices

    @property
    def played(self) -> list[Device]:
        return [each for each in self._focus if isinstance(each, Device)]

    @property
    def led(self) -> list[LedBoard]:
        return _led(self._focus)

    def _report(self) -> None:
        self._lead(self.now)
        super()._report()

    def skip(self, length: timedelta) -> None:
        end = self.now + length
        moment = self.now
        while self.led and moment < end:
            moment = min(moment + A_STRIDE, end)
            self._lead(moment)
        super().skip(length)

    def _lead(self, until: datetime) -> None:
        """Let the boards come to a moment, and take what they report on their way."""
        self.gate.is_shut = not (self.server_is_on and self.is_reached)
        deadline_s = time.monotonic() + PATIENCE_S
        for each in self.led:
            each.lead(until)
        while not all(each.is_at(until) for each in self.led):
            self.gate.answer(self._take)
            if time.monotonic() > deadline_s:
                raise TimeoutError("\n".join(f"{each.station}: {each.board}" for each in self.led))
        while not self.gate.requests.empty():
            self.gate.answer(self._take)

    def _take(self, request: Request) -> bytes:
        """Have the server's own view answer a report, at the moment of its board."""
        board = next(each for each in self.led if each.is_user(request.user))
        self._reported_at = max(board.has_passed(), self.now - timedelta(days=2))
        try:
            answer = self.client.post(
                request.path,
                request.body,
                content_type="application/json",
                headers={"Authorization": request.user},
            )
        finally:
            self._reported_at = None
        head = [f"HTTP/1.0 {answer.status_code} Whatever", *(f"{name}: {value}" for name, value in answer.items())]
        return "\r\n".join([*head, "", ""]).encode() + answer.content

    def close(self) -> None:
        self.focus = []


def _led(devices: Sequence) -> list[LedBoard]:
    return [each for each in devices if isinstance(each, LedBoard)]
