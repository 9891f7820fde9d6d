"""The board's identity for the server, in RTC memory: it survives resets and deep sleep, and is lost with the power.

The port's RTC memory is one blob of at most 492 bytes (ports/esp8266/machine_rtc.c). Its first SIZE bytes belong to
this module and are checked. Other code keeps its bytes after them and writes the whole blob back, as this module does.
"""

import os
import struct

from micropython import const
from records import checksum

SIZE = const(64)
CLOCK_AT = const(16)  # 12 bytes for clock.py
REPORTER_AT = const(28)  # 32 bytes for reporter.py

_HEAD = "<4sIIHH"  # magic, boot, seq, run, whether a sleep or a reset was announced
_MAGIC = b"ft01"
_CHECKED = const(60)
_MOST_RUN = const(0xFFFF)


class Identity:
    """`boot` is drawn at random if RTC memory was lost, and `run` counts this boot's power-ups and resets from 1.

    `woke` says that this start was announced: it ends a deep sleep, or follows an announced reset. Then
    the run continues, and the kept words are up to date.
    """

    def __init__(self):
        import machine

        self._rtc = machine.RTC()
        self._words = bytearray(SIZE)
        self.woke = False
        if self._load():
            # The button may have been pressed at any time during the sleep.
            self.woke = self.woke and machine.reset_cause() not in (machine.PWRON_RESET, machine.HARD_RESET)
            self.run = self.run if self.woke else self.run % _MOST_RUN + 1
        else:
            self._draw()
        self._save()

    def next_seq(self):
        """Return the next number of this boot. It is saved before it is used: no reset gives it to two readings."""
        self._seq += 1
        self._save()
        return self._seq

    def recall(self, start, size):
        """Return the bytes from keep() at CLOCK_AT or REPORTER_AT, zeros if there are none or RTC memory was lost."""
        return bytes(self._words[start : start + size])

    def keep(self, start, words, asleep=False):
        """Write bytes at CLOCK_AT or REPORTER_AT; `asleep` announces a deep sleep or a reset, until the next write."""
        self._words[start : start + len(words)] = words
        self._save(asleep)

    def _load(self):
        """Return whether the words exist and are intact."""
        blob = self._rtc.memory()
        if len(blob) < SIZE or blob[:4] != _MAGIC or checksum(blob[:_CHECKED]) != blob[_CHECKED:SIZE]:
            return False
        self._words[:] = blob[:SIZE]
        _, self.boot, self._seq, self.run, asleep = struct.unpack_from(_HEAD, blob)
        self.woke = asleep == 1
        return True

    def _draw(self):
        self.boot = struct.unpack("<I", os.urandom(4))[0]
        self._seq = 0
        self.run = 1

    def _save(self, asleep=False):
        words = self._words
        struct.pack_into(_HEAD, words, 0, _MAGIC, self.boot, self._seq, self.run, 1 if asleep else 0)
        words[_CHECKED:] = checksum(memoryview(words)[:_CHECKED])
        self._rtc.memory(bytes(words) + self._rtc.memory()[SIZE:])
