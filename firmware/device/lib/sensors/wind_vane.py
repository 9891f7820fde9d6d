"""A wind vane with eight switches and resistors, as SparkFun, Argent and Misol sell it, on the board's analogue input.

Between two of its eight directions the vane closes both switches, so it has 16.
"""

from micropython import const

_STEP_MS = const(1000)

# SparkFun's datasheet of the weather meters: ohms for each direction, from north by east in steps of 22.5 degrees.
_OHMS = (33000, 6570, 8200, 891, 1000, 688, 2200, 1410, 3900, 3140, 16000, 14120, 120000, 42120, 64900, 21880)
# Wemos D1 mini and NodeMCU have 220 and 100 kilohms from A0 to ground, which divide 3.2 V to the chip's 1 V.
_BOARD_OHMS = const(320000)
_SUPPLY_MV = const(3300)
_FULL_MV = const(3200)
_FULL = const(1024)  # A0 without a vane

_SINES = (0, 383, 707, 924, 1000, 924, 707, 383, 0, -383, -707, -924, -1000, -924, -707, -383)

_timer = None


class Sensor:
    """Wired to A0 {"pull_up": ohms between A0 and 3.3 V}; the vane is between A0 and ground."""

    counts = True  # between two readings too, so it stays in memory

    def __init__(self, wiring):
        from machine import ADC, Timer

        global _timer
        self._adc = ADC(0)
        self._levels = levels(wiring["pull_up"])
        self._least, self._most = min(self._levels) // 2, (max(self._levels) + _FULL) // 2
        self._seen = [0] * 16
        if _timer is None:  # The port keeps it running: a second one would run beside it.
            _timer = Timer(-1)
        _timer.init(period=_STEP_MS, mode=Timer.PERIODIC, callback=self._step)

    def read(self):
        """Return [("wind_direction", thousandths of a degree)]: the mean since the last call, none if it is anywhere.

        Raises ValueError if the vane is not connected.
        """
        self._step(None)
        seen, self._seen = self._seen, [0] * 16
        if not any(seen):
            raise ValueError("no vane: A0 reads %d" % self._adc.read())
        direction = mean(seen)
        return [] if direction is None else [("wind_direction", direction)]

    def _step(self, timer):
        level = self._adc.read()
        if self._least <= level <= self._most:
            self._seen[nearest(self._levels, level)] += 1


def levels(pull_up):
    """Return what A0 reads at each of the 16 directions."""
    return [_level(ohms * _BOARD_OHMS // (ohms + _BOARD_OHMS), pull_up) for ohms in _OHMS]


def _level(ohms, pull_up):
    return ohms * _SUPPLY_MV * _FULL // ((ohms + pull_up) * _FULL_MV)


def nearest(levels, level):
    distances = [abs(each - level) for each in levels]
    return distances.index(min(distances))


def mean(seen):
    """Return the direction of the sum of unit vectors in thousandths of a degree, None if they cancel each other."""
    from math import atan2, degrees

    north = sum(seen[at] * _SINES[(at + 4) % 16] for at in range(16))
    east = sum(seen[at] * _SINES[at] for at in range(16))
    if not north and not east:
        return None
    twentieths = int((degrees(atan2(east, north)) + 360) * 20)  # A float of 30 bits is exact to a hundredth here.
    return (twentieths + 1) // 2 % 3600 * 100
