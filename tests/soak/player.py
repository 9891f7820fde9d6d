"""A player: a thread that does one thing again and again, as a board, a visitor or a keeper does."""

from __future__ import annotations

import random
import threading
import time
import traceback
from typing import TYPE_CHECKING

from tests.crash.client import LOST, NOT_SENT, Answer, exchange
from tests.programs import PATIENCE_S
from tests.soak.documented import LATER

if TYPE_CHECKING:
    from tests.soak.soak import Soak

LONGEST_REST_S = 5  # A 503 asks for 30 s: whoever comes earlier asks more of the server.


class Player(threading.Thread):
    """`turn()` is called until the soak ends, with random pauses; `finish()` then, when nothing breaks any more."""

    pauses_s = (1.0, 3.0)

    def __init__(self, soak: Soak, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.soak, self.ledger = soak, soak.ledger
        self.random = random.Random(f"{soak.options.seed} {name}")
        self.turns = self.lost = 0

    def run(self) -> None:
        try:
            while not self.soak.stopping.wait(self.random.uniform(*self.pauses_s) / self.soak.options.rate):
                self.turn()
                self.turns += 1
            self.finish()
        except Exception:  # noqa: BLE001 - whatever it is, the soak has to say so
            self.complain(f"the player failed: {traceback.format_exc()}")

    def turn(self) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """Deliver what waits. The server is well by now."""

    def complain(self, sentence: str) -> None:
        if sentence:
            self.soak.complain(f"{self.name}: {sentence}")

    def send(self, request: bytes, *, is_patient: bool = True) -> Answer:
        answer = exchange(self.soak.port, request, is_patient=is_patient)
        self.lost += answer.outcome == LOST
        return answer

    def rest(self, answer: Answer) -> None:
        """Wait as long as an answer says: a 429 in full."""
        if answer.outcome == NOT_SENT:
            self.soak.stopping.wait(0.2)
        if answer.outcome in LATER:
            asked_s = int(answer.headers.get("retry-after") or 1)
            self.soak.stopping.wait(asked_s if answer.outcome == 429 else min(asked_s, LONGEST_REST_S))

    def patiently(self, is_done: str) -> float:
        """Return the moment, by time.monotonic(), until which finish() may try to have something done."""
        self.ledger.note(self.name, "finishes", is_done)
        return time.monotonic() + PATIENCE_S
