"""SHT30, SHT31, SHT35: temperature and humidity. Sections refer to Sensirion's datasheet SHT3x-DIS, version 5."""

from i2c import Chip
from micropython import const
from time import sleep_ms

_MEASURE_MS = const(20)  # at most 15.5 with the highest repeatability (table 4)


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
