"""A tipping bucket: the rain since the board was last without power, as a counter that only grows.

A counter, since a reading that is lost takes nothing with it: the next one has its rain too.
"""

import struct

from micropython import const
from pulses import Counter
from records import checksum

_QUIET_MS = const(500)  # A bucket of 0.2 mm tips so often at 1440 mm/h; a tip closes the switch for some 0.1 s.

# In RTC memory, after the bytes of identity.py and main.py: the rain and its checksum. This costs no flash, and survives
# every reset; the clouds of a year would write to flash some thousands of times.
_AT = const(68)
_END = const(76)


class Sensor:
    """Wired {"data": GPIO, "tip_mm": the rain of one tip in ten-thousandths of a millimetre}."""

    counts = True  # between two readings too, so it stays in memory

    def __init__(self, wiring):
        from machine import RTC

        self._rtc = RTC()
        self._tip = wiring["tip_mm"]
        self._rain = recalled(self._rtc.memory())
        self._counter = Counter(wiring["data"], _QUIET_MS, self._tipped)

    def read(self):
        """Return [("rain_counter", thousandths of a millimetre)]."""
        return [("rain_counter", self._rain // 10)]

    def _tipped(self):
        """Add one tip. Rain is kept rather than tips: a new `tip_mm` must not change what has fallen."""
        self._rain += self._tip
        self._rtc.memory(kept(self._rtc.memory(), self._rain))


def recalled(memory):
    """Return the rain in RTC memory in ten-thousandths of a millimetre, 0 if the power was lost."""
    words = memory[_AT:_END]
    return struct.unpack("<I", words)[0] if len(words) == 8 and checksum(words[:4]) == words[4:] else 0


def kept(memory, rain):
    """Return RTC memory with the rain in it."""
    words = struct.pack("<I", rain)
    return memory[:_AT] + bytes(max(0, _AT - len(memory))) + words + checksum(words) + memory[_END:]
