"""Resets the board when a step takes too long.

The port's WDT bites 1.6 to 3.2 s after its last feeding, and cannot be stopped. So a timer feeds it, but only while the
current step is within its deadline. The timer is a soft one: the port undoes the feeding of a hard one
(ports/esp8266/ets_alt_task.c). It runs between two bytecodes and in the port's waits, and may allocate.
"""

import machine
import time
from micropython import const

_FEED_MS = const(1000)
_BETWEEN_S = const(10)  # how long the program may be outside all steps

_wdt = None
_timer = None
_deadline = 0
_depth = 0
_rescue = None


def start():
    """Start the watchdog: from here on, the program must be in one step or another."""
    global _wdt, _timer
    _extend(_BETWEEN_S)
    _timer = machine.Timer(-1)
    _timer.init(period=_FEED_MS, mode=machine.Timer.PERIODIC, callback=_feed)
    _wdt = machine.WDT()


def release():
    """Feed the WDT from here on, whatever happens: somebody is at the REPL, and the WDT cannot be stopped."""
    _timer.init(period=_FEED_MS, mode=machine.Timer.PERIODIC, callback=lambda timer: _wdt.feed())


def _feed(timer):
    global _rescue
    if time.ticks_diff(_deadline, time.ticks_ms()) > 0:
        _wdt.feed()
    elif _rescue:
        rescue, _rescue = _rescue, None
        rescue()  # If this hangs too, the WDT bites.
        machine.reset()


def _extend(seconds):
    global _deadline
    _deadline = time.ticks_add(time.ticks_ms(), seconds * 1000)


class step:
    """`with step(seconds):` ends in time, or the board resets. A nested step ends no later than the outer one.

    `rescue()` is called before such a reset. It interrupts the step midway, and the file system must not be
    entered twice: pass it only for steps that do nothing with files.
    """

    def __init__(self, seconds, rescue=None):
        self._seconds = seconds
        self._rescue = rescue

    def __enter__(self):
        global _deadline, _depth, _rescue
        self._outer = _deadline, _rescue
        _extend(self._seconds)
        if _depth and time.ticks_diff(_deadline, self._outer[0]) > 0:
            _deadline = self._outer[0]
        _rescue = self._rescue
        _depth += 1

    def __exit__(self, kind, error, traceback):
        global _deadline, _depth, _rescue
        _deadline, _rescue = self._outer
        _depth -= 1
        if not _depth:
            _extend(_BETWEEN_S)
