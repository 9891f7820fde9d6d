"""Counts how often a reed switch closes between a pin and ground: the tips of a rain gauge, the turns of an anemometer.

This port has no hard interrupts for pins (ports/esp8266/machine_pin.c refuses them): it queues four callbacks, and runs
each between two bytecodes or in its waits. So a callback is late by the longest call into C, and further closings are
lost while the queue is full. It may allocate.
"""

from time import ticks_diff, ticks_ms


class Counter:
    """`count` is the number of closings since this start.

    A switch bounces: a closing within `quiet_ms` of the one counted last is the same one. `counted()` is called after
    each.
    """

    def __init__(self, gpio, quiet_ms, counted=None):
        from machine import Pin

        self.count = 0
        self._quiet_ms = quiet_ms
        self._counted = counted
        self._last_ms = None
        # The pull-up inside is weak (30 to 100 kilohms): a long cable needs one of its own.
        Pin(gpio, Pin.IN, Pin.PULL_UP).irq(self._closed, Pin.IRQ_FALLING)

    def _closed(self, pin):
        now_ms = ticks_ms()
        # Ticks wrap: after a dry week the difference may be negative, and that is long ago too.
        if self._last_ms is not None and 0 <= ticks_diff(now_ms, self._last_ms) < self._quiet_ms:
            return
        self._last_ms = now_ms
        self.count += 1
        if self._counted:
            self._counted()
