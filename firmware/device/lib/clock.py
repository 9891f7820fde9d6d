"""Time: seconds since power-up by ticks_ms, and Unix time once the server has told it.

The port's RTC drifts and lies after a reset, so nothing here reads it.
"""

import struct
import time

import identity as words


class Clock:
    """ticks_ms wraps, and ticks_diff knows half its period: up_s() or now() must be called every 6 days or more often."""

    def __init__(self, ticks_ms=time.ticks_ms):
        raise NotImplementedError

    def up_s(self):
        """Return whole seconds since power-up; deep sleep is part of a power-up."""
        raise NotImplementedError

    def now(self):
        """Return Unix seconds, or None while nobody has told the time."""
        raise NotImplementedError

    def start(self):
        """Return the Unix seconds of the power-up, or None."""
        raise NotImplementedError

    def set(self, unix_s):
        """Take the server's `time`."""
        raise NotImplementedError

    def save(self, identity, sleep_s):
        """Keep the time over a deep sleep of so many seconds: call it right before machine.deepsleep()."""
        raise NotImplementedError

    def restore(self, identity):
        """Go on after a deep sleep; after any other start this does nothing."""
        raise NotImplementedError
