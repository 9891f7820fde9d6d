"""A BH1750 as its datasheet describes it, ROHM BH1750FVI."""

import interrupts
from surroundings import fault, feels, noise, once, words


class BH1750:
    """Nonsense: it says its largest number."""

    MEASURE_MS = 180  # with the usual measurement time

    def __init__(self):
        self.power_on()

    def power_on(self):
        self.awake = False
        self.time = 69
        self.count = 0
        self.due_ms = None

    def write(self, data):
        self.measure()
        for command in data:
            self.obey(command)
        return len(data)

    def obey(self, command):
        if command in (0, 1):
            self.awake = command == 1
        elif command == 7 and self.awake:
            self.count = 0
        elif command >> 5 == 2:
            self.time = self.time & 0x1F | (command & 7) << 5
        elif command >> 5 == 3:
            self.time = self.time & 0xE0 | command & 0x1F
        elif command == 0x20 and self.awake and not once("deaf"):
            self.due_ms = interrupts.now_ms() + self.MEASURE_MS * self.time // 69

    def read(self, count):
        self.measure()
        return noise(words("answer") or self.count.to_bytes(2, "big"))[:count]

    def measure(self):
        """Put the light into the register once the measurement is over; then the chip sleeps."""
        if self.due_ms is None or interrupts.now_ms() < self.due_ms:
            return
        if once("blink"):
            self.power_on()
            return
        self.due_ms, self.awake = None, False
        lux = 1e9 if fault("nonsense") else feels("illuminance")
        self.count = min(0xFFFF, int(lux * 1.2 * self.time / 69))
