"""BME280: temperature, humidity and pressure; a BMP280 in its place has no humidity.

Section numbers refer to Bosch's datasheet BST-BME280-DS002-15.
"""

from i2c import Chip
from micropython import const
from time import sleep_ms

_CALIBRATION = const(0x88)
_ID = const(0xD0)
_RESET = const(0xE0)
_BME280 = const(0x60)
_BMP280 = const(0x58)
_HUMID_CALIBRATION = const(0xE1)
_CTRL_HUM = const(0xF2)
_STATUS = const(0xF3)
_CTRL_MEAS = const(0xF4)
_DATA = const(0xF7)

_FORCED = const(0x25)  # one sample of temperature and pressure; then the register says _DONE, and the chip sleeps
_DONE = const(0x24)
_SKIPPED = const(0x80000)  # the content of the data registers after a reset (5.4.7, 5.4.8)


class Sensor(Chip):
    def measure(self):
        chip = self._ask(_ID, 1)[0]
        if chip not in (_BME280, _BMP280):
            raise ValueError("the chip is not a BME280: its id is 0x%02x" % chip)
        data = self._measured() or self._measured()
        if data is None:
            raise ValueError("it was reset while measuring")
        humid = self._calibration(_HUMID_CALIBRATION, 7) if chip == _BME280 else None
        return compensate(data, self._calibration(_CALIBRATION, 26), humid)

    def _calibration(self, register, count):
        """Read it each time: a wrong one, once kept, would stay wrong for years, and the chip may have been swapped."""
        data = self._twice(register, count)
        if min(data) == max(data):  # all 00 or all FF
            raise ValueError("its calibration is empty")
        return data

    def _twice(self, register, count):
        """Read twice, since the chip has no checksum."""
        data = self._ask(register, count)
        if data != self._ask(register, count):
            raise ValueError("two reads differ: shorten its wires")
        return data

    def _measured(self):
        """Return the 8 bytes of one measurement (4.1), or None if the chip was reset meanwhile."""
        self._write(_RESET, 0xB6)  # another program may have left it filtering, or measuring on its own
        self._wait()
        self._write(_CTRL_HUM, 1)  # takes effect with ctrl_meas (5.4.3)
        self._write(_CTRL_MEAS, _FORCED)
        self._wait()
        data = self._twice(_DATA, 8)
        kept = self._ask(_CTRL_MEAS, 1)[0] == _DONE
        return data if kept and pressure_of(data) != _SKIPPED and temperature_of(data) != _SKIPPED else None

    def _wait(self):
        for _ in range(10):  # starting takes 2 ms (table 1), one sample of each quantity at most 9.3 ms (9.1)
            sleep_ms(10)
            if not self._ask(_STATUS, 1)[0] & 0x09:
                return
        raise ValueError("its measurement does not end")


def pressure_of(data):
    return data[0] << 12 | data[1] << 4 | data[2] >> 4


def temperature_of(data):
    return data[3] << 12 | data[4] << 4 | data[5] >> 4


def compensate(data, calibration, humid):
    """Compute the readings from 8 bytes of data with the integer formulas (4.2.3).

    `calibration` is registers 0x88 to 0xA1, `humid` 0xE1 to 0xE7, or None for a BMP280.
    """
    import struct

    numbers = struct.unpack("<HhhHhhhhhhhh", calibration)
    t_fine = fine(temperature_of(data), *numbers[:3])
    readings = [("temperature", within((t_fine * 5 + 128 >> 8) * 10, -40000, 85000, "degC"))]
    if humid:
        readings.append(("humidity", humidity(data[6] << 8 | data[7], t_fine, calibration[25], humid)))
    hectopascal = pressure(pressure_of(data), t_fine, *numbers[3:])
    return readings + [("pressure", within(hectopascal, 300000, 1100000, "hPa"))]


def within(thousandths, lowest, highest, unit):
    """Return the value if the chip can measure it (table 1); a lost bus reads as about -140 degC."""
    if not lowest <= thousandths <= highest:
        raise ValueError("it says %d %s" % (thousandths // 1000, unit))
    return thousandths


def fine(adc, t1, t2, t3):
    """Return the temperature in 1/5120 degC, which the other formulas need."""
    distance = (adc >> 4) - t1
    return (((adc >> 3) - (t1 << 1)) * t2 >> 11) + ((distance * distance >> 12) * t3 >> 14)


def pressure(adc, t_fine, p1, p2, p3, p4, p5, p6, p7, p8, p9):
    """Return thousandths of a hectopascal."""
    x = t_fine - 128000
    offset = x * x * p6 + (x * p5 << 17) + (p4 << 35)
    slope = ((1 << 47) + (x * x * p3 >> 8) + (x * p2 << 12)) * p1 >> 33
    if not slope:
        raise ValueError("its calibration is wrong")
    p = ((1048576 - adc << 31) - offset) * 3125 // slope
    p = (p + (p9 * (p >> 13) * (p >> 13) >> 25) + (p8 * p >> 19) >> 8) + (p7 << 4)  # 1/256 Pa
    return (p * 10 + 128) >> 8


def humidity(adc, t_fine, h1, humid):
    """Return thousandths of a percent, from 0 to 100000: the formula itself clips other values."""
    import struct

    h2, h3 = struct.unpack("<hB", humid)
    h4 = signed(humid[3]) << 4 | humid[4] & 0x0F
    h5 = signed(humid[5]) << 4 | humid[4] >> 4
    h6 = signed(humid[6])
    x = t_fine - 76800
    slope = ((((x * h6 >> 10) * ((x * h3 >> 11) + 32768) >> 10) + 2097152) * h2 + 8192) >> 14
    h = ((adc << 14) - (h4 << 20) - h5 * x + 16384 >> 15) * slope
    h -= ((h >> 15) * (h >> 15) >> 7) * h1 >> 4
    return (min(max(h, 0), 419430400) >> 12) * 1000 >> 10


def signed(byte):
    return byte - 256 if byte & 0x80 else byte
