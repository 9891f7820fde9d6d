"""An SHT3x as its datasheet describes it, Sensirion SHT3x-DIS version 5 (2018)."""

import interrupts
from surroundings import fault, feels, noise, once, words


class SHT3x:
    """It takes no single shot during periodic measurement (4.8). Nonsense: all ones, 130 degC and 100 %."""

    MEASURE_MS = {0x2400: 15, 0x240B: 6, 0x2416: 4}  # table 4, the longest, without clock stretching
    BREAK, RESET, HEATER_ON, EVERY_SECOND = 0x3093, 0x30A2, 0x306D, 0x2130
    HEATS = 3  # degrees

    def __init__(self):
        self.periodic = self.heater = False
        self.answer = None
        self.ready_ms = 0

    def write(self, data):
        if len(data) == 2:
            self.command(data[0] << 8 | data[1])
        return len(data)

    def command(self, command):
        if command == self.BREAK:
            self.periodic = False
        elif self.periodic:
            return
        elif command == self.RESET:
            self.__init__()
        elif command == self.HEATER_ON:
            self.heater = True
        elif command == self.EVERY_SECOND:
            self.periodic = True
        elif command in self.MEASURE_MS:
            self.ready_ms = interrupts.now_ms() + self.MEASURE_MS[command]
            self.answer = self.measure()

    def read(self, count):
        """Return the answer once: before it is ready, and afterwards, the chip acknowledges no read."""
        if once("blink"):
            self.answer = None
        if self.answer is None or interrupts.now_ms() < self.ready_ms:
            return None
        answer, self.answer = self.answer, None
        return (noise(answer) + b"\xff" * count)[:count]

    def measure(self):
        if fault("nonsense"):
            return self.checked(0xFFFF) * 2
        temperature = round((feels("temperature") + self.heater * self.HEATS + 45) * 65535 / 175)
        return words("answer") or self.checked(temperature) + self.checked(round(feels("humidity") * 65535 / 100))

    def checked(self, word):
        """Return a word and its checksum (table 20)."""
        crc = 0xFF
        for byte in word.to_bytes(2, "big"):
            crc ^= byte
            for _ in range(8):
                crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
        return word.to_bytes(2, "big") + bytes([crc])
