"""The switches of a rain gauge and an anemometer, and a wind vane on A0: keys of world.json.

- closings: [[milliseconds since the board's start, GPIO], ...]; a bounce is a closing too
- hertz: {"<GPIO>": how often it closes in a second}, beside those.
- a0: what the analogue input reads; else it is the vane's.
- wind_direction: where the vane points, in degrees. null: there is no vane.

A pin's handler runs at the moment of the edge, between two bytecodes or in a wait, as on the port. While the program is in
a call into C (busy()), edges are queued, and those that find the queue full are lost.
"""

import interrupts
import world

DEPTH = 4  # MICROPY_SCHEDULER_DEPTH in py/mpconfig.h

_watched = {}  # GPIO: Watch
_busy_until_ms = 0


class Watch:
    """A pin with a handler, and when its switch closes next."""

    def __init__(self, pin, handler):
        self.pin, self.handler = pin, handler
        self.seen_ms = interrupts.now_ms()

    def next_ms(self):
        """Return the moment of the next closing."""
        moments = [at for at, gpio in world.fact("closings", ()) if gpio == self.pin and at > self.seen_ms]
        hertz = (world.fact("hertz") or {}).get(str(self.pin), 0)
        if hertz:
            moments.append(int((int(self.seen_ms * hertz / 1000 + 1e-6) + 1) * 1000 / hertz) + 1)
        return min(moments, default=interrupts.NEVER_MS)


def watch(pin, handler):
    if handler is None:
        _watched.pop(pin, None)
    else:
        _watched[pin] = Watch(pin, handler)
    interrupts.edges = (next_ms, fire)


def next_ms():
    return min([each.next_ms() for each in _watched.values()], default=interrupts.NEVER_MS)


def fire(now_ms):
    """Run the handlers of all edges until now."""
    queued = 0
    while True:
        at_ms, pin = min([(each.next_ms(), pin) for pin, each in _watched.items()], default=(interrupts.NEVER_MS, 0))
        if at_ms > now_ms:
            return
        _watched[pin].seen_ms = at_ms
        queued = queued + 1 if at_ms < _busy_until_ms else 0
        if queued <= DEPTH:
            interrupts.at(max(at_ms, _busy_until_ms), _watched[pin].handler, pin)


def busy(duration_ms):
    """Let time pass in a call into C."""
    global _busy_until_ms
    interrupts.jump(duration_ms)
    _busy_until_ms = interrupts.now_ms()
    interrupts.poll()


OHMS = {
    0: 33e3, 22.5: 6.57e3, 45: 8.2e3, 67.5: 891, 90: 1e3, 112.5: 688, 135: 2.2e3, 157.5: 1.41e3,
    180: 3.9e3, 202.5: 3.14e3, 225: 16e3, 247.5: 14.12e3, 270: 120e3, 292.5: 42.12e3, 315: 64.9e3, 337.5: 21.88e3,
}  # fmt: skip
PULL_UP = 10e3
DIVIDER = 220e3, 100e3  # on the D1 mini: A0 to the chip's input, and from there to ground


def a0():
    """Return what the chip's input reads, 0 to 1024 for 0 to 1 V."""
    fixed = world.fact("a0")
    if fixed is not None:
        return fixed
    direction = world.fact("wind_direction", 180)
    down = sum(DIVIDER)
    if direction is not None:
        vane = OHMS[round(direction / 22.5) % 16 * 22.5]
        down = down * vane / (down + vane)
    volts = 3.3 * down / (PULL_UP + down) * DIVIDER[1] / sum(DIVIDER)
    return min(1024, int(volts * 1024))
