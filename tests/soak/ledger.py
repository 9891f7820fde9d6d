"""The ledger: what players sent, and what they were answered. A line is written before each and after each."""

from __future__ import annotations

import enum
import json
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from tests.crash.client import LOST

LATEST_S = 120


class Fate(enum.Enum):
    """What the answers so far say about a reading."""

    NOWHERE = "was never accepted"
    PERHAPS = "lost its answer"
    STORED = "was answered OK"
    REMOVED = "was removed"


class Attempt(NamedTuple):
    """A request that may have stored a reading, in Unix seconds of this machine."""

    began_s: float
    ended_s: float


@dataclass(slots=True, eq=False)
class Reading:
    """A reading that a player has sent. No other has its value."""

    station: int
    field: int
    value: float
    measured_s: float | None = None  # None: its moment is its arrival
    is_exact: bool = False  # It was sent with its moment, not with its age.
    fate: Fate = Fate.NOWHERE
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int, float]:
        return self.station, self.field, self.value


class Ledger:
    """Every reading that was sent. `is_unsure` tells that a 503 may have been stored, as docs/http-api.md says."""

    def __init__(self, path: Path, *, is_unsure: bool) -> None:
        self.is_unsure = is_unsure
        self.readings: dict[tuple[int, int, float], Reading] = {}
        self.answers: dict[str, int] = {}
        self.gone: set[int] = set()  # stations that were deleted
        self._values, self._numbers, self._lock = count(1), count(1), threading.Lock()
        self._file = path.open("w")

    def value(self) -> float:
        """Return a value that no other reading has."""
        return float(next(self._values))

    def sends(self, readings: Sequence[Reading], note: str) -> Sending:
        with self._lock:
            for each in readings:
                self.readings[each.key] = each
            number = next(self._numbers)
        self._write([number, "sends", note, [[*each.key, each.measured_s] for each in readings]])
        return Sending(self, number, readings, time.time())

    def note(self, *words: Any) -> None:
        self._write([0, *words])

    def may_be_stored(self, outcome: int | str) -> bool:
        """Tell whether a request without a 200 may have stored its readings all the same."""
        return outcome == LOST or (outcome == 503 and self.is_unsure)

    def ends(self, sending: Sending, outcome: int | str, line: str, rejected: Collection[Reading]) -> None:
        ended_s = time.time()
        self._write([sending.number, "gets", outcome, line[:1000]])
        with self._lock:
            self.answers[str(outcome)] = self.answers.get(str(outcome), 0) + 1
        if outcome != 200 and not self.may_be_stored(outcome):
            return
        # An answer that was lost may be given to nobody later: the server reads the request when it gets to it.
        attempt = Attempt(sending.began_s, ended_s if outcome != LOST else ended_s + LATEST_S)
        for each in sending.readings:
            if each in rejected:
                continue
            each.attempts.append(attempt)
            if each.fate is not Fate.STORED:
                each.fate = Fate.STORED if outcome == 200 else Fate.PERHAPS

    def _write(self, line: list[Any]) -> None:
        with self._lock:
            self._file.write(f"{json.dumps([round(time.time(), 3), *line])}\n")
            self._file.flush()


@dataclass(frozen=True)
class Sending:
    """A request on its way, with the readings in it."""

    ledger: Ledger
    number: int
    readings: Sequence[Reading]
    began_s: float

    def ended(self, outcome: int | str, line: str = "", rejected: Collection[Reading] = ()) -> None:
        """Note the answer. Readings that it rejects are not stored by this request."""
        self.ledger.ends(self, outcome, line, rejected)
