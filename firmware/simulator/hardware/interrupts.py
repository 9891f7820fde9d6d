"""The board's time, and what runs beside the program: timers, and the watchdog that bites.

The clock is the computer's, and jumps ahead where the program waits: `speed` makes sleeps that many times shorter, work
stays as long as it is. So a deadline of 10 s means 10 s of sleep or of work, at any speed.
"""

import sys

import utime
import world

NETWORK_SPEED = (
    20  # The server on the other side is no faster than it is: waits for it are shortened no more than this.
)

_started_ms = utime.ticks_ms()
_skipped_ms = int(world.fact("ticks_start", 0))
_owed_us = 0
_timers = []
_running = False


def now_ms():
    """Return milliseconds since the board started; never wraps."""
    return utime.ticks_diff(utime.ticks_ms(), _started_ms) + _skipped_ms


def add(timer):
    """Run timer.fire() whenever now_ms() has reached timer.due_ms."""
    remove(timer)
    _timers.append(timer)


def remove(timer):
    if timer in _timers:
        _timers.remove(timer)


def poll():
    """Fire every timer that is due, as the port does between two bytecodes; timers do not interrupt each other."""
    global _running
    if _running:
        return
    _running = True
    try:
        for timer in list(_timers):
            if timer in _timers and timer.due_ms <= now_ms():
                timer.fire()
    finally:
        _running = False


def wait_ms(duration_ms, fastest=None):
    """Let time pass for the program, with timers firing at their moments."""
    speed = float(world.fact("speed", 1))
    if fastest is not None:
        speed = min(speed, fastest)
    end_ms = now_ms() + duration_ms
    poll()
    while True:
        left_ms = end_ms - now_ms()
        if left_ms <= 0:
            return
        for timer in _timers:
            left_ms = min(left_ms, max(timer.due_ms - now_ms(), 0))
        _pass_ms(left_ms, speed)
        poll()


def _pass_ms(duration_ms, speed):
    """Sleep for the duration divided by speed, and skip the rest; naps too short for the system are slept together."""
    global _owed_us, _skipped_ms
    before_ms = utime.ticks_ms()
    _owed_us += int(duration_ms * 1000 / speed)
    if _owed_us >= 2000:
        utime.sleep_us(_owed_us)
        _owed_us = 0
    _skipped_ms += max(0, duration_ms - utime.ticks_diff(utime.ticks_ms(), before_ms))


def end(code, cause):
    """Leave the VM; `cause` is what machine.reset_cause() says after the next start."""
    world.save("cause", str(cause).encode())
    sys.exit(code)
