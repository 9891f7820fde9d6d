"""DS18B20: temperature, alone on its wire. Figures and tables refer to Maxim's datasheet 19-7487, Rev 6."""

from micropython import const
from time import sleep_ms

_SKIP_ROM = const(0xCC)
_CONVERT = const(0x44)
_WRITE = const(0x4E)
_READ = const(0xBE)

# The alarm limits serve as a mark here: a chip that loses its power goes back to its own limits.
_HIGH_ALARM = const(0x55)
_LOW_ALARM = const(0xAA)
_TWELVE_BITS = const(0x7F)
_CONVERSION_MS = const(750)  # the longest (table 2)
_POWER_ON = const(85 * 16)


class Sensor:
    """Wired {"data": GPIO}, with VDD at 3.3 V: there is no strong pull-up for a chip powered by its data wire."""

    def __init__(self, wiring):
        from machine import Pin
        from onewire import OneWire

        self._wire = OneWire(Pin(wiring["data"]))

    def read(self):
        """Return [("temperature", thousandths)]. Raises OSError for trouble with the wire, ValueError with the chip."""
        sixteenths = self._measured()
        if sixteenths == _POWER_ON:  # it may have missed the command; twice in a row it is a real temperature
            sixteenths = self._measured()
        if not -55 * 16 <= sixteenths <= 125 * 16:
            raise ValueError("it says %d degC" % (sixteenths // 16))
        return [("temperature", sixteenths * 125 // 2)]

    def _measured(self):
        self._command(_WRITE, _HIGH_ALARM, _LOW_ALARM, _TWELVE_BITS)
        self._command(_CONVERT)
        self._wait()
        self._command(_READ)
        scratchpad = bytearray(9)
        self._wire.readinto(scratchpad)
        self._check(scratchpad)
        sixteenths = scratchpad[1] << 8 | scratchpad[0]
        return sixteenths - 0x10000 if sixteenths & 0x8000 else sixteenths

    def _command(self, *data):
        if not self._wire.reset():
            raise OSError("no answer")
        self._wire.writebyte(_SKIP_ROM)
        for byte in data:
            self._wire.writebyte(byte)

    def _wait(self):
        """Wait for the conversion: the chip answers 0 while it runs (Convert T, 44h)."""
        sleep_ms(_CONVERSION_MS)
        for _ in range(10):
            if self._wire.readbit():
                return
            sleep_ms(10)
        raise OSError("its measurement does not end, or its wire is held low")

    def _check(self, scratchpad):
        if self._wire.crc8(scratchpad):
            raise ValueError("wrong checksum")
        if scratchpad[2] != _HIGH_ALARM or scratchpad[3] != _LOW_ALARM:
            raise ValueError("it lost power while measuring (85 degC)")
        if scratchpad[4] != _TWELVE_BITS:
            raise ValueError("the chip is not a DS18B20")
