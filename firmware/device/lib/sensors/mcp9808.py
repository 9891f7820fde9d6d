"""MCP9808: temperature. Registers follow Microchip's datasheet DS25095A, section 5."""

from i2c import Chip
from micropython import const
from time import sleep_ms

_CONFIG = const(1)
_AMBIENT = const(5)
_MANUFACTURER = const(6)
_DEVICE = const(7)
_RESOLUTION = const(8)

# The high byte of CONFIG. The hysteresis of 1.5 degC has no effect while the alert output is off. It serves as a mark:
# a chip that has lost its power loses it too, and says 0 degC until its first conversion ends.
_AWAKE = const(0x02)
_ASLEEP = const(0x03)
_CONVERSION_MS = const(500)  # 250 is typical (5.2.4), and no maximum is given


class Sensor(Chip):
    def measure(self):
        if self._word(_MANUFACTURER) != 0x0054 or self._word(_DEVICE) >> 8 != 0x04:
            raise ValueError("the chip is not an MCP9808")
        self._write(_RESOLUTION, 3)
        self._write(_CONFIG, _AWAKE, 0)
        sleep_ms(_CONVERSION_MS)
        self._expect(_AWAKE)
        self._write(_CONFIG, _ASLEEP, 0)  # so it does not warm itself, and the register does not change
        first, again = self._word(_AMBIENT), self._word(_AMBIENT)
        self._expect(_ASLEEP)
        if first != again:  # it has no checksum
            raise ValueError("two reads differ: shorten its wires")
        return [("temperature", thousandths(first))]

    def _expect(self, config):
        if self._word(_CONFIG) >> 8 != config:
            raise ValueError("it lost power while measuring")

    def _word(self, register):
        data = self._ask(register, 2)
        return data[0] << 8 | data[1]


def thousandths(word):
    """Return thousandths of a degree from sixteenths in 13 bits; the three bits above are alerts (register 5-4)."""
    sixteenths = word & 0x1FFF
    if sixteenths & 0x1000:
        sixteenths -= 0x2000
    if not -40 * 16 <= sixteenths <= 125 * 16:
        raise ValueError("it says %d degC" % (sixteenths // 16))
    return sixteenths * 125 // 2
