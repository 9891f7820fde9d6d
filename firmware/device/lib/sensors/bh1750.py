"""BH1750: illuminance. Pages refer to ROHM's datasheet of the BH1750FVI, revision D."""

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


class Chip:
    """A chip on I2C, wired {"scl": GPIO, "sda": GPIO, "address": 7 bits}.

    Each I2C driver has these same lines, since a driver goes onto the board alone. A test keeps them the same.
    """

    def __init__(self, wiring):
        from machine import Pin, SoftI2C

        self._address = wiring["address"]
        scl, sda = [Pin(wiring[name], Pin.OPEN_DRAIN, Pin.PULL_UP, value=1) for name in ("scl", "sda")]
        self._i2c = SoftI2C(scl=scl, sda=sda, freq=100000)

    def read(self):
        """Return [(quantity, thousandths)]. Raises OSError for trouble with the wires, ValueError with the chip."""
        try:
            self._free()
            return self.measure()
        except OSError as error:
            if error.errno == 19:  # ENODEV
                raise OSError("no answer at 0x%02x" % self._address)
            if error.errno == 110:  # ETIMEDOUT
                raise OSError("SCL is held low")
            raise

    def _free(self):
        """Send the 9 clocks that make a chip release SDA after it lost count in a byte (NXP UM10204, 3.1.16).

        An SDA that is held low would acknowledge every address, and everything would read 0.
        """
        level = bytearray(1)
        for _ in range(2):
            self._i2c.readinto(level)
            self._i2c.stop()
            if level[0] == 0xFF:
                return
        raise OSError("SDA is held low")

    def _write(self, *data):
        # readfrom_mem() and writeto_mem() do not check whether the chip acknowledges the bytes.
        if self._i2c.writeto(self._address, bytes(data)) < len(data):
            raise OSError("it refuses the bytes written to it")

    def _ask(self, register, count):
        self._write(register)
        return self._i2c.readfrom(self._address, count)


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
