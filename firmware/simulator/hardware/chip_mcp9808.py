"""An MCP9808 as its datasheet describes it, Microchip DS25095A.

An I2C chip's `write` takes the bytes of a write and returns how many it acknowledges. Its `read` returns `count`
bytes, or None if the chip does not acknowledge its address.
"""

import interrupts
from surroundings import fault, feels, noise, once, words


class MCP9808:
    """Nonsense: it says 255.9375 degC."""

    POWER_ON = {1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0x0054, 7: 0x0400}
    SHUTDOWN = 0x0100
    CONVERSION_MS = (30, 65, 130, 250)  # 5.2.4, by resolution

    def __init__(self):
        self.power_on()

    def power_on(self):
        self.registers = dict(self.POWER_ON)
        self.resolution = 3
        self.pointer = 0
        self.since_ms = interrupts.now_ms()

    def write(self, data):
        self.convert()
        if data:
            self.pointer = data[0] & 0x0F
        if self.pointer == 8 and len(data) > 1:
            self.resolution = data[1] & 3
        elif self.pointer in (1, 2, 3, 4) and len(data) == 3:
            if self.pointer == 1 and self.registers[1] & self.SHUTDOWN:
                self.since_ms = interrupts.now_ms()
            self.registers[self.pointer] = data[1] << 8 | data[2]
        return len(data)

    def read(self, count):
        self.convert()
        if self.pointer == 8:
            return bytes([self.resolution] * count)
        word = words(f"{self.pointer:x}") or self.registers.get(self.pointer, 0).to_bytes(2, "big")
        return (noise(word) if self.pointer == 5 else word)[:count]

    def convert(self):
        """Put the temperature into its register whenever a conversion ends; in shutdown the last value stays."""
        if self.registers[1] & self.SHUTDOWN:
            return
        if interrupts.now_ms() - self.since_ms >= self.CONVERSION_MS[self.resolution]:
            if once("blink"):
                self.power_on()
                return
            self.since_ms = interrupts.now_ms()
            self.registers[5] = 0xCFFF if fault("nonsense") else self.ambient()

    def ambient(self):
        """Return sixteenths of a degree in 13 bits, and above them the results of comparing with the three limits."""
        sixteenths = round(feels("temperature") * 16) & ~(7 >> self.resolution)
        flags = (sixteenths >= self.limit(4)) << 2 | (sixteenths > self.limit(2)) << 1 | (sixteenths < self.limit(3))
        return flags << 13 | sixteenths & 0x1FFF

    def limit(self, register):
        sixteenths = self.registers[register] & 0x1FFC
        return sixteenths - 0x2000 if sixteenths & 0x1000 else sixteenths
