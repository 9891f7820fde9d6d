"""The port's time module: ticks wrap at 2**30, seconds count from 2000, and everything obeys the world's `speed`."""

import interrupts
import utime
from utime import gmtime, sleep_us, ticks_cpu, ticks_us  # noqa: F401

PERIOD = 1 << 30
EPOCH_OFFSET_S = 946_684_800  # 2000-01-01 in Unix seconds


def ticks_ms():
    return interrupts.now_ms() & (PERIOD - 1)


def ticks_add(ticks, delta):
    return (ticks + delta) & (PERIOD - 1)


def ticks_diff(end, start):
    """Return end - start in -2**29 .. 2**29 - 1."""
    return ((end - start + PERIOD // 2) & (PERIOD - 1)) - PERIOD // 2


def sleep_ms(duration_ms):
    interrupts.wait_ms(max(0, int(duration_ms)))


def sleep(duration_s):
    interrupts.wait_ms(max(0, int(duration_s * 1000)))


def time():
    """Return the seconds of the board's RTC, which restarts in 2000 with every reset."""
    return interrupts.now_ms() // 1000


def time_ns():
    return interrupts.now_ms() * 1_000_000


def localtime(seconds=None):
    return utime.gmtime((time() if seconds is None else seconds) + EPOCH_OFFSET_S)[:8]


def mktime(fields):
    return utime.mktime(fields) - EPOCH_OFFSET_S
