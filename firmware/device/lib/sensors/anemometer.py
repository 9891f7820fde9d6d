"""An anemometer with cups that close a switch once a turn: the mean wind speed of an interval, and its highest gust.

A gust is the highest mean over 3 s, of which new ones begin four times a second (WMO-No. 8, volume I, chapter 5).
"""

from array import array
from micropython import const
from pulses import Counter
from time import ticks_diff, ticks_ms

_QUIET_MS = const(10)  # 100 turns a second are 67 m/s or more
_STEP_MS = const(250)
_STEPS = const(12)
_LEAST_MS = const(2900)  # A step that came late makes the next one shorter: that is no 3 s.

_timer = None


class Sensor:
    """Wired {"data": GPIO, "speed": the wind at one turn a second in ten-thousandths of m/s}."""

    counts = True  # between two readings too, so it stays in memory

    def __init__(self, wiring):
        from machine import Timer

        global _timer
        self._speed = wiring["speed"]
        self._counter = Counter(wiring["data"], _QUIET_MS)
        self._begun_ms, self._begun = ticks_ms(), 0
        self._gust = 0
        # The latest steps, in a ring: their ticks and counts.
        self._ticks, self._counts, self._at = array("i", [self._begun_ms] * _STEPS), array("i", [0] * _STEPS), 0
        if _timer is None:  # The port keeps it running: a second one would run beside it.
            _timer = Timer(-1)
        _timer.init(period=_STEP_MS, mode=Timer.PERIODIC, callback=self._step)

    def read(self):
        """Return wind speed and gust since the last call in thousandths of m/s, none before the first 3 s."""
        now_ms, count = ticks_ms(), self._counter.count
        took_ms = ticks_diff(now_ms, self._begun_ms)
        if took_ms < _LEAST_MS:
            return []
        mean = self._thousandths(count - self._begun, took_ms)
        gust, self._gust = max(self._gust, mean), 0
        self._begun_ms, self._begun = now_ms, count
        return [("wind_speed", mean), ("wind_gust", gust)]

    def _step(self, timer):
        now_ms, count, at = ticks_ms(), self._counter.count, self._at
        took_ms = ticks_diff(now_ms, self._ticks[at])
        if took_ms >= _LEAST_MS:
            self._gust = max(self._gust, self._thousandths(count - self._counts[at], took_ms))
        self._ticks[at], self._counts[at], self._at = now_ms, count, (at + 1) % _STEPS

    def _thousandths(self, turns, took_ms):
        return turns * self._speed * 100 // took_ms
