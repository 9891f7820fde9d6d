"""Time: seconds since power-up by ticks_ms, and Unix time once the server has told it.

The port's RTC drifts and lies after a reset, so nothing here reads it.
"""

import struct
import time

from identity import CLOCK_AT
from micropython import const

_WORDS = "<IIHH"  # seconds since power-up, the power-up's Unix time or 0, milliseconds
_START_MS = const(10_000)  # longer than the start from deep sleep to this code
_STEP_S = const(60)  # a smaller step comes from the network and rounding


class Clock:
    """ticks_ms wraps after 12.4 days, and ticks_diff covers half of that: call up_s() or now() every 6 days."""

    def __init__(self, ticks_ms=time.ticks_ms):
        self._ticks_ms = ticks_ms
        self._last_ms = ticks_ms()
        self._up_s = 0
        self._ms = 0
        self._start = None
        self._step_s = 0

    def up_s(self):
        """Return whole seconds since power-up; deep sleep is part of a power-up."""
        now_ms = self._ticks_ms()
        self._ms += time.ticks_diff(now_ms, self._last_ms)
        self._last_ms = now_ms
        self._up_s += self._ms // 1000
        self._ms %= 1000
        return self._up_s

    def now(self):
        """Return Unix seconds, or None until the server has told the time."""
        return None if self._start is None else self._start + self.up_s()

    def start(self):
        """Return the Unix time of the power-up in seconds, or None."""
        return self._start

    def set(self, unix_s):
        """Set the clock by the server's `time`."""
        start = unix_s - self.up_s()
        if self._start is not None and abs(start - self._start) >= _STEP_S:
            self._step_s = start - self._start
        self._start = start

    def correct(self, at):
        """Correct a time that lies in the future: the clock ran ahead when it told it. Other times stay."""
        now = self.now()
        return at if now is None or at <= now else min(at + self._step_s, now)

    def save(self, identity, sleep_s, and_ms=0):
        """Keep the time over a deep sleep or a reset of this length. Call it last, right before the sleep or reset."""
        up_s = self.up_s() + sleep_s
        ms = self._ms + and_ms
        words = struct.pack(_WORDS, up_s + ms // 1000, self._start or 0, ms % 1000, 0)
        identity.keep(CLOCK_AT, words, True)

    def restore(self, identity):
        """Continue after a save(); after any other start this does nothing."""
        if identity.woke:
            self._up_s, start, self._ms, _ = struct.unpack(_WORDS, identity.recall(CLOCK_AT, 12))
            self._start = start or None
            self._ms += min(self._ticks_ms(), _START_MS)  # Ticks count from the end of the sleep.
