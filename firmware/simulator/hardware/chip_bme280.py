"""A BME280 as its datasheet describes it (BST-BME280-DS002-15).

The chip finds its converters' numbers for a temperature by bisection: it compensates a guess with the floating-point
formulas (8.1) and halves the interval. The driver uses the other formulas, in integers.
"""

import struct

import interrupts
from surroundings import fault, feels, noise, once, words

# The BMP280's worked example (its datasheet, 3.12); the humidity numbers come from one module's chip.
CALIBRATION = (27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
H1, H2, H3, H4, H5, H6 = 75, 362, 0, 340, 50, 30

SKIPPED = b"\x80\x00\x00\x80\x00\x00\x80\x00"


def fine(adc):
    t1, t2, t3 = CALIBRATION[:3]
    return (adc / 16384 - t1 / 1024) * t2 + (adc / 131072 - t1 / 8192) ** 2 * t3


def celsius(adc):
    return fine(adc) / 5120


def hectopascal(adc, t_fine):
    p1, p2, p3, p4, p5, p6, p7, p8, p9 = CALIBRATION[3:]
    half = t_fine / 2 - 64000
    offset = (half * half * p6 / 32768 + half * p5 * 2) / 4 + p4 * 65536
    sensitivity = (1 + (p3 * half * half / 524288 + p2 * half) / 524288 / 32768) * p1
    pascal = (1048576 - adc - offset / 4096) * 6250 / sensitivity
    return (pascal + (p9 * pascal * pascal / 2147483648 + pascal * p8 / 32768 + p7) / 16) / 100


def percent(adc, t_fine):
    above = t_fine - 76800
    slope = H2 / 65536 * (1 + H6 / 67108864 * above * (1 + H3 / 67108864 * above))
    linear = (adc - (H4 * 64 + H5 / 16384 * above)) * slope
    return linear * (1 - H1 * linear / 524288)


def solve(formula, wanted, bits):
    """Return the converter's number that brings a formula, rising or falling, closest to the wanted value."""
    low, high = 0, (1 << bits) - 1
    rising = formula(high) > formula(low)
    while high - low > 1:
        middle = (low + high) // 2
        if (formula(middle) < wanted) == rising:
            low = middle
        else:
            high = middle
    return low if abs(formula(low) - wanted) < abs(formula(high) - wanted) else high


class BME280:
    """Nonsense: it was reset during each measurement, so that the data registers hold their power-on values."""

    ID = 0x60
    HUMID = True
    MEASURE_MS = 10  # appendix B: 9.3 ms for one sample of each

    def __init__(self):
        self.memory = bytearray(256)
        self.pointer = 0
        self.reset()

    def reset(self):
        self.memory[:] = bytes(256)
        self.memory[0xD0] = self.ID
        self.memory[0x88:0xA0] = struct.pack("<Hhh" + "H8h", *CALIBRATION)
        self.memory[0xF7:0xFF] = SKIPPED
        self.ready_ms = None
        self.osrs_h = 0
        self.filtered = None
        if self.HUMID:
            self.memory[0xA1] = H1
            middle = bytes([H4 >> 4 & 0xFF, H4 & 15 | (H5 & 15) << 4, H5 >> 4 & 0xFF])
            self.memory[0xE1:0xE8] = struct.pack("<hB", H2, H3) + middle + struct.pack("b", H6)

    def write(self, data):
        """Accept a register's address, or pairs of address and value (6.2.1)."""
        self.finish()
        if data:
            self.pointer = data[0]
        for i in range(0, len(data) - 1, 2):
            self.set(data[i], data[i + 1])
        return len(data)

    def set(self, register, value):
        if register == 0xE0 and value == 0xB6:
            self.reset()
        elif register == 0xF2 and self.HUMID:
            self.memory[0xF2] = value & 7
        elif register == 0xF4:
            self.memory[0xF4] = value
            self.osrs_h = self.memory[0xF2]  # takes effect with this write (5.4.3)
            if value & 3 in (1, 2):
                self.memory[0xF3] = 8
                self.ready_ms = interrupts.now_ms() + self.MEASURE_MS
        elif register == 0xF5:
            self.memory[0xF5] = value

    def read(self, count):
        self.finish()
        end = self.pointer + count
        data = bytearray(self.memory[self.pointer : end])
        for address in range(self.pointer, end):
            told = words(f"{address:x}")
            if told is not None:
                data[address - self.pointer : address - self.pointer + len(told)] = told
        data = bytes(data[:count])
        return noise(data) if self.pointer in (0x88, 0xF7) else data

    def finish(self):
        """End a forced measurement when it is due: the chip goes back to sleep."""
        if self.ready_ms is None or interrupts.now_ms() < self.ready_ms:
            return
        if once("blink"):
            self.reset()
            return
        self.ready_ms = None
        self.memory[0xF3] = 0
        self.memory[0xF4] &= 0xFC
        self.memory[0xF7:0xFF] = SKIPPED if fault("nonsense") else self.measured()

    def filter(self, adc):
        """Return a number after the filter (3.4.4), which is off after power-on and then changes nothing."""
        coefficient = 1 << (self.memory[0xF5] >> 2 & 7)
        before = adc if self.filtered is None else self.filtered
        self.filtered = before + (adc - before) // coefficient
        return self.filtered

    def measured(self):
        adc_t = self.filter(solve(celsius, feels("temperature"), 20))
        adc_p = solve(lambda adc: hectopascal(adc, fine(adc_t)), feels("pressure"), 20)
        data = bytearray((adc_p << 4).to_bytes(3, "big") + (adc_t << 4).to_bytes(3, "big") + b"\x80\x00")
        if not self.memory[0xF4] & 0x1C:
            data[0:3] = SKIPPED[0:3]
        if not self.memory[0xF4] & 0xE0:
            data[3:6] = SKIPPED[3:6]
        if self.HUMID and self.osrs_h:
            adc_h = solve(lambda adc: percent(adc, fine(adc_t)), feels("humidity"), 16)
            data[6:8] = adc_h.to_bytes(2, "big")
        return data
