"""This machine's clock, and the signs by which it is known to be wrong.

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

from freetemp.fields import to_millis

# This program was not written before. It is a month, not a day: machines without a clock begin years before it.
WRITTEN_MS = to_millis(datetime(2026, 11, 1, tzinfo=UTC))
ASK_AGAIN_S = 60  # Later on, an answer is only to be remembered.
NTP_TAKES_S = 600  # A longer wait would lose more than it saves: perhaps the network has gone for good.
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


clock = Clock(lambda: Path(settings.VAR_DIR, "clock-is-set-by-ntp"))
