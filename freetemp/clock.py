"""This machine's clock, the signs by which it is known to be wrong, and the clock that several nodes share.

No sign is a moment that this machine has stored: a clock that was ahead would then refuse readings once it is right.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from freetemp.fields import now_millis, to_millis

# This program was not written before. It is a month, not a day: machines without a clock begin years before it.
WRITTEN_MS = to_millis(datetime(2026, 11, 1, tzinfo=UTC))
ASK_AGAIN_S = 60  # Later on, an answer is only to be remembered.
NTP_TAKES_S = 600  # A longer wait would lose more than it saves: perhaps the network has gone for good.
DELAY_MS = 250  # Longer than an answer of the database is mostly under way.
OTHER_MS = 1_000
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronized
TIMESYNC = Path("/run/systemd/timesync")  # systemd-timesyncd
HARDWARE_CLOCKS = Path("/sys/class/rtc")


def is_synchronised() -> bool | None:
    """Return whether the kernel's clock has been set by NTP since the machine started, or None if that is unknown."""
    state = _adjtimex()
    if state >= 0:
        return state != TIME_ERROR
    return (TIMESYNC / "synchronized").exists() if TIMESYNC.is_dir() else None


def _adjtimex() -> int:
    """Return the state of the kernel's clock. It is -1 on other systems, and where a sandbox forbids to ask."""
    ask = _of_libc("adjtimex")
    return int(ask(ctypes.create_string_buffer(512))) if ask else -1  # An empty struct timex changes nothing.


@cache
def _of_libc(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # macOS has no such function, and Windows no such library.
        return None


def has_kept_time() -> bool:
    """Return whether a hardware clock ran while the machine was off. One that lost its power begins years ago."""
    for clock in HARDWARE_CLOCKS.glob("rtc*/since_epoch"):
        try:
            if int(clock.read_text()) * 1000 >= WRITTEN_MS:
                return True
        except (OSError, ValueError):
            continue
    return False


class Clock:
    """The clock of the machine, as one process knows it.

    A machine without a hardware clock starts with the moment at which it was switched off, or an earlier one. NTP mends
    that within a minute. A file says that NTP has done so before: only then is it worth a wait.
    """

    def __init__(self, witness: Callable[[], Path]) -> None:
        self._witness = witness
        self._is_settled = False
        self._ask_at_s = 0.0

    def is_behind(self, now_ms: int) -> bool:
        """Tell whether the clock is known to be in the past at what it says is `now_ms`."""
        return now_ms < WRITTEN_MS or self._waits_for_ntp()

    def _waits_for_ntp(self) -> bool:
        up_s = time.monotonic()  # since the machine started
        if self._is_settled or up_s < self._ask_at_s:
            return False
        synchronised = is_synchronised()
        if synchronised:
            self._remember()
        if up_s >= NTP_TAKES_S:
            self._ask_at_s = up_s + ASK_AGAIN_S
        waits = synchronised is False and up_s < NTP_TAKES_S and self._witness().exists() and not has_kept_time()
        self._is_settled = bool(synchronised)
        return waits

    def _remember(self) -> None:
        try:
            self._witness().write_text("NTP has set the clock of this machine.\n")
        except OSError:
            return  # A full disk. Without the file nothing is refused.


class DatabaseClock:
    """The clock of PostgreSQL, which is one for all nodes. With SQLite it is that of this machine.

    Whatever reports say is put in its order, so that a node whose clock is wrong harms nobody. Each connection tells it
    when it is opened, and each group of reports with the statements that it sends anyway.
    """

    ahead_ms = 0  # of this machine's

    def hear(self, told_ms: int) -> None:
        """Take what the database has just told. It is late by the way here: a smaller difference is mostly no news."""
        ahead_ms = told_ms - time.time_ns() // 1_000_000
        if not self.ahead_ms - DELAY_MS < ahead_ms <= self.ahead_ms:
            self.ahead_ms = ahead_ms

    def now_ms(self) -> int:
        """Return the present moment by this clock, in Unix milliseconds. Nobody is asked."""
        return now_millis() + self.ahead_ms

    def arrival_ms(self, told_ms: int | None) -> int:
        """Return the moment at which a group of reports arrives, after taking what PostgreSQL has just told of it."""
        if told_ms is not None:
            self.hear(told_ms)
        return self.now_ms()

    @property
    def is_of_another_machine(self) -> bool:
        """Tell whether it is surely another clock than this machine's."""
        return abs(self.ahead_ms) >= OTHER_MS


database_clock = DatabaseClock()


def shared_now_ms() -> int:
    """Return the present moment by the clock that all nodes share, in Unix milliseconds. Nobody is asked."""
    return database_clock.now_ms()


clock = Clock(lambda: Path(settings.VAR_DIR, "clock-is-set-by-ntp"))
