"""The port's software I2C and its DHT reader, with chips on them. Errors are the port's own: 19 ENODEV, 110 ETIMEDOUT.

All kinds of chips are connected, at every address that they can have: the driver chooses one by asking it. A chip's
code is loaded when it is first asked, so that the board's heap holds no more of it than necessary.
"""

import time

import wires
import world

ENODEV = 19
ETIMEDOUT = 110

_chips = {}


def _kind(address):
    """Return the name of the chip at an address, or None."""
    if 0x18 <= address <= 0x1F:
        return "MCP9808"
    if address in (0x23, 0x5C):
        return "BH1750"
    if address in (0x44, 0x45):
        return "SHT3x"
    if address in (0x76, 0x77):
        return "BMP280" if world.fact("bmp280") else "BME280"
    return None


def _chip(name, address):
    if (name, address) not in _chips:
        _chips[name, address] = getattr(__import__("chip_" + name.lower()), name)()
    return _chips[name, address]


class Deaf:
    """A chip that acknowledges its address and nothing else."""

    def write(self, data):
        return 0

    def read(self, count):
        return None


class SoftI2C:
    """Bytes go to chips whole. A data wire that is held low acknowledges everything, since low means acknowledged."""

    def __init__(self, scl, sda, freq=400000, timeout=50000):
        self._timeout_us = timeout

    init = __init__

    def _fault(self):
        fault = wires.fault()
        if fault == "hang":  # The clock is held low; the port waits this long for each bit.
            time.sleep_ms(self._timeout_us // 1000)
            raise OSError(ETIMEDOUT)
        return fault

    def _chip(self, address):
        """Return the chip that acknowledges the address; None is the wire itself."""
        fault = self._fault()
        if fault in ("bus_lost", "stuck"):
            return None
        if fault == "refuses":
            return Deaf()
        name = _kind(address)
        if fault == "absent" or name is None:
            raise OSError(ENODEV)
        return _chip(name, address)

    def scan(self):
        return [address for address in range(0x08, 0x78) if self._answers(address)]

    def _answers(self, address):
        try:
            self.writeto(address, b"")
        except OSError:
            return False
        return True

    def writeto(self, address, data, stop=True):
        chip = self._chip(address)
        return chip.write(bytes(data)) if chip else len(data)

    def readfrom_into(self, address, buffer, stop=True):
        chip = self._chip(address)
        data = chip.read(len(buffer)) if chip else bytes(len(buffer))
        if data is None:
            raise OSError(ENODEV)
        buffer[:] = data

    def readfrom(self, address, count, stop=True):
        buffer = bytearray(count)
        self.readfrom_into(address, buffer)
        return bytes(buffer)

    def writeto_mem(self, address, register, data, addrsize=8):
        self.writeto(address, bytes([register]) + bytes(data))

    def readfrom_mem_into(self, address, register, buffer, addrsize=8):
        self.writeto(address, bytes([register]), False)
        self.readfrom_into(address, buffer)

    def readfrom_mem(self, address, register, count, addrsize=8):
        buffer = bytearray(count)
        self.readfrom_mem_into(address, register, buffer)
        return bytes(buffer)

    # The primitive operations: no chip listens without a start condition, and only the level of the data wire is read.

    def start(self):
        self._fault()

    def stop(self):
        self._fault()

    def readinto(self, buffer, nack=True):
        """Clock out the bits that a chip still holds: after 9 clocks it has released the wire."""
        level = 0 if self._fault() in ("bus_lost", "stuck") else 0xFF
        buffer[:] = bytes([level] * len(buffer))
        wires.clocked_free()

    def write(self, data):
        return len(data) if self._fault() in ("bus_lost", "stuck") else 0


I2C = SoftI2C


def dht_readinto(pin, buffer):
    """Wake the sensor and read its 40 bits (the port's drivers/dht/dht.c: 250 ms high, 18 ms low)."""
    time.sleep_ms(268)
    answer = None if wires.fault() in ("absent", "hang", "bus_lost", "stuck") else _chip("DHT22", "").answer()
    if answer is None:
        raise OSError(ETIMEDOUT)
    buffer[:5] = answer
