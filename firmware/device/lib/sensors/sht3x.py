"""SHT30, SHT31, SHT35: temperature and humidity. Sections refer to Sensirion's datasheet SHT3x-DIS, version 5."""

from micropython import const
from time import sleep_ms

_MEASURE_MS = const(20)  # at most 15.5 with the highest repeatability (table 4)


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
        self._command(0x30, 0x93)  # another program may have left it measuring on its own (4.8),
        self._command(0x30, 0xA2)  # or heating itself (4.9, 4.10)
        self._write(0x24, 0x00)  # single shot, high repeatability, no clock stretching (4.3)
        sleep_ms(_MEASURE_MS)
        answer = self._i2c.readfrom(self._address, 6)
        return [("temperature", celsius(word(answer, 0))), ("humidity", percent(word(answer, 3)))]

    def _command(self, *data):
        try:
            self._write(*data)
        except OSError:  # There is nothing to stop; or the wires have trouble, and the next command will show it.
            pass
        sleep_ms(2)  # a reset takes 1.5 at most (table 4)


def word(answer, start):
    """Return two bytes of an answer as a number, checked against the third (4.12): CRC-8, 0x31 from 0xFF."""
    crc = 0xFF
    for byte in answer[start : start + 3]:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    if crc:
        raise ValueError("wrong checksum")
    return answer[start] << 8 | answer[start + 1]


def celsius(word):
    """Return thousandths of a degree: -45 + 175 * word / 65535 (4.13)."""
    thousandths = (175000 * word + 32767) // 65535 - 45000
    if not -40000 <= thousandths <= 125000:
        raise ValueError("it says %d degC" % (thousandths // 1000))
    return thousandths


def percent(word):
    """Return thousandths of a percent: 100 * word / 65535 (4.13)."""
    return (100000 * word + 32767) // 65535
