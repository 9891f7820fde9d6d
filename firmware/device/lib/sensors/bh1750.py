"""BH1750: illuminance. Pages refer to ROHM's datasheet of the BH1750FVI, revision D."""

from i2c import Chip
from micropython import const
from time import sleep_ms

_POWER_ON = const(0x01)
_RESET = const(0x07)
_ONCE = const(0x20)  # one measurement with 1 lx resolution; then the chip sleeps (p. 5)
_TIME_HIGH = const(0x40)
_TIME_LOW = const(0x60)
_TIME = const(69)  # the usual measurement time
_SHORTEST = const(31)  # for light up to 121,556 lx
_MEASURE_MS = const(190)  # at most 180 (p. 2), and shorter with the shortest time
_FULL = const(0xFFFF)


class Sensor(Chip):
    def measure(self):
        count, time = self._counted(_TIME), _TIME
        if count == _FULL:  # above 54,611 lx
            count, time = self._counted(_SHORTEST), _SHORTEST
        if count == _FULL:
            raise ValueError("it says more than 121556 lx")
        return [("illuminance", count * 1000 * _TIME * 10 // (12 * time))]  # p. 11

    def _counted(self, time):
        """Measure again if it is dark: a chip that lost its power, or missed a command, says 0, and so does a lost bus."""
        count = self._measured(time) or self._measured(time)
        if not count:
            self._free()
        return count

    def _measured(self, time):
        self._write(_POWER_ON)
        self._write(_RESET)  # The last measurement must not be taken for this one.
        self._write(_TIME_HIGH | time >> 5)
        self._write(_TIME_LOW | time & 0x1F)
        self._write(_ONCE)
        sleep_ms(_MEASURE_MS)
        data = self._i2c.readfrom(self._address, 2)
        if data != self._i2c.readfrom(self._address, 2):  # the chip has no checksum
            raise ValueError("two reads differ: shorten its wires")
        return data[0] << 8 | data[1]
