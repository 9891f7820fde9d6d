"""The board's time, and the interrupts beside the program: timers, and the watchdog's bite.

The clock is the computer's, and jumps ahead while the program waits: `speed` makes sleeps that many times shorter, but
work keeps its length. So a deadline of 10 s means 10 s of sleep or of work, at any speed.

A world with a file `until_ms` leads the board step by step: no time passes for the board beyond that moment of the world
until the file names a later one, and waits for the network have their own length. Boards that share it keep together.
"""

import sys

import utime
import world

NETWORK_SPEED = 20  # Waits for the network are shortened by no more than this: the server does not get faster.
TELL_MS = 60_000
HOLD_MS = 2
NEVER_MS = 1 << 60

_before_ms = int(world.load("passed_ms") or b"0")
_started_ms = utime.ticks_ms()
_ticks_start = int(world.fact("ticks_start", 0))  # for a board that has been on for a long time
_skipped_ms = _ticks_start
_owed_us = 0
_told_ms = _ticks_start
_until_ms = int(world.load("until_ms") or b"-1")  # -1: nobody leads
_timers = []
_watchdog = None
_running = False
edges = None  # (next_ms, fire) of reeds.py, once a pin has a handler
_at_ms = None


def now_ms():
    """Return milliseconds since the board started. They never wrap."""
    if _at_ms is not None:
        return _at_ms
    return utime.ticks_diff(utime.ticks_ms(), _started_ms) + _skipped_ms


def add(timer):
    """Run timer.fire() whenever now_ms() has reached timer.due_ms."""
    remove(timer)
    _timers.append(timer)


def remove(timer):
    if timer in _timers:
        _timers.remove(timer)


def guard(watchdog):
    """Run watchdog.fire() likewise, even while a timer's callback hangs."""
    global _watchdog
    _watchdog = watchdog


def poll():
    """Fire everything that is due, as the port does between two bytecodes; timers do not interrupt each other.

    The watchdog comes last: a delay of the whole program is no reason to bite.
    """
    if not _running and _next_ms() <= now_ms():
        _fire()
    if _watchdog and _watchdog.due_ms <= now_ms():
        _watchdog.fire()


def _next_ms():
    due_ms = min((timer.due_ms for timer in _timers), default=NEVER_MS)
    return min(due_ms, edges[0]()) if edges else due_ms


def _fire():
    global _running
    _running = True
    try:
        if edges:
            edges[1](now_ms())
        for timer in sorted(_timers, key=lambda timer: timer.due_ms):
            if timer in _timers and timer.due_ms <= now_ms():
                timer.fire()
    finally:
        _running = False


def at(moment_ms, handler, *arguments):
    """Call a handler with the clock at the moment of its event: that this computer is slow is not the board's time."""
    global _at_ms
    _at_ms = moment_ms
    try:
        handler(*arguments)
    finally:
        _at_ms = None


def jump(duration_ms):
    """Let time pass without any interrupt."""
    global _skipped_ms
    _skipped_ms += duration_ms


def skip_ms(real_ms):
    """Count a wait for the network that took this long at the rate of `speed`."""
    global _skipped_ms
    if _until_ms >= 0:
        hold()
        return poll()
    if world.fact("wifi_down"):
        utime.sleep_ms(real_ms)
    _skipped_ms += int(real_ms * (min(float(world.fact("speed", 1)), NETWORK_SPEED) - 1))
    poll()


def wait_ms(duration_ms):
    """Let time pass for the program, with timers firing at their moments."""
    speed = float(world.fact("speed", 1))
    end_ms = now_ms() + duration_ms
    if end_ms - _told_ms > TELL_MS:
        tell_time()
    poll()
    while True:
        left_ms = end_ms - now_ms()
        if left_ms <= 0:
            return
        next_ms = min(NEVER_MS if _running else _next_ms(), _watchdog.due_ms if _watchdog else NEVER_MS)
        if _until_ms >= 0:
            next_ms = min(next_ms, hold())
        _pass_ms(min(left_ms, max(next_ms - now_ms(), 0)), speed)
        poll()


def hold():
    """Return the moment up to which the board is led; wait, without any time passing for the board, while it is now."""
    global _skipped_ms, _until_ms
    until_ms = _until_ms - _before_ms + _ticks_start
    if now_ms() < until_ms or _until_ms < 0:
        return until_ms
    before_ms = utime.ticks_ms()
    tell_time()
    while _until_ms <= _world_ms():
        utime.sleep_ms(HOLD_MS)
        _skipped_ms -= utime.ticks_diff(utime.ticks_ms(), before_ms)
        before_ms = utime.ticks_ms()
        _until_ms = int(world.load("until_ms") or b"0")
    return _until_ms - _before_ms + _ticks_start


def _world_ms():
    return _before_ms + now_ms() - _ticks_start


def _pass_ms(duration_ms, speed):
    """Sleep for the duration divided by speed, and skip the rest. Sleeps too short for the system are combined."""
    global _owed_us, _skipped_ms
    before_ms = utime.ticks_ms()
    _owed_us += int(duration_ms * 1000 / speed)
    if _owed_us >= 2000:
        utime.sleep_us(_owed_us)
        _owed_us = 0
    _skipped_ms += max(0, duration_ms - utime.ticks_diff(utime.ticks_ms(), before_ms))


def tell_time(asleep_ms=0):
    """Write down how much time has passed for the board since its world began: its server uses that time."""
    global _told_ms
    _told_ms = now_ms()
    world.save("passed_ms", str(_world_ms() + asleep_ms).encode())


def end(code, cause, asleep_ms=0):
    """Leave the VM; machine.reset_cause() returns `cause` after the next start."""
    world.save("cause", str(cause).encode())
    tell_time(asleep_ms)
    sys.exit(code)
