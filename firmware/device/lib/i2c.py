"""The wires of a chip on I2C, and their troubles in words."""


class Chip:
    """A chip on I2C, wired {"scl": GPIO, "sda": GPIO, "address": 7 bits}; its driver adds measure()."""

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
