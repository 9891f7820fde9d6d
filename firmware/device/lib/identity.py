"""Who the board is to the server, in RTC memory: it survives resets and deep sleep, and is lost with the power.

The port's RTC memory is one blob of at most 492 bytes (ports/esp8266/machine_rtc.c). The first SIZE bytes of it are ours:
whoever keeps something there too, keeps it behind them (Identity leaves it alone) and writes the whole blob back.
"""

import os
import struct
from hashlib import sha256

from micropython import const

SIZE = const(64)
CLOCK_AT = const(16)  # 12 bytes for clock.py
REPORTER_AT = const(28)  # 32 bytes for reporter.py
_CHECKED = const(60)
_HEAD = "<4sIIHH"  # magic, boot, seq, run, whether the board was put to sleep
_MAGIC = b"ft01"


class Identity:
    """`boot` is drawn at random where RTC memory was lost, `run` counts the power-ups and resets within a boot, and
    `woke` says whether this start is the end of a deep sleep that clock.save() announced: its run goes on."""

    def __init__(self):
        raise NotImplementedError

    def next_seq(self):
        """Take the next number of this boot. It is taken in RTC memory first: a reset never gives it to two readings."""
        raise NotImplementedError

    def recall(self, start, size):
        """Return what keep() wrote at CLOCK_AT or REPORTER_AT, zeros where nothing or the power was lost."""
        raise NotImplementedError

    def keep(self, start, words, asleep=False):
        """Write bytes at CLOCK_AT or REPORTER_AT; `asleep` announces that deep sleep follows."""
        raise NotImplementedError
