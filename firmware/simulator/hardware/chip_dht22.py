"""A DHT22 (AM2302) as Aosong's manual describes it."""

import interrupts
from surroundings import fault, feels, noise, once, words

REST_MS = 2000  # the least time between two requests: an earlier one goes unanswered


class DHT22:
    """It answers with its measurement from the request before. Nonsense: all ones, with the right checksum."""

    def __init__(self):
        self.measured = None
        self.asked_ms = -REST_MS

    def answer(self):
        """Return five bytes, or None if it was asked too soon."""
        if interrupts.now_ms() - self.asked_ms < REST_MS or once("blink"):
            return None
        self.asked_ms = interrupts.now_ms()
        before, self.measured = self.measured or self.measure(), self.measure()
        return noise(words("answer") or before)

    def measure(self):
        humidity, temperature = round(feels("humidity") * 10), round(feels("temperature") * 10)
        sign = 0x8000 if temperature < 0 else 0
        data = humidity.to_bytes(2, "big") + (abs(temperature) | sign).to_bytes(2, "big")
        if fault("nonsense"):
            data = b"\xff" * 4
        return data + bytes([sum(data) & 0xFF])
