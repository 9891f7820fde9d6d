"""DHT22, also sold as AM2302: temperature and humidity. The bytes follow Aosong's manual of the AM2302."""

from micropython import const
from time import sleep_ms, ticks_diff, ticks_ms

_REST_MS = const(2000)  # between two requests, at least
_WAKING_MS = const(250)  # the time that the port's reader first keeps the wire high


class Sensor:
    """Wired {"data": GPIO}."""

    def __init__(self, wiring):
        from machine import Pin

        self._pin = Pin(wiring["data"], Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
        self._asked_ms = None
        self._bytes = bytearray(5)

    def read(self):
        """Return temperature and humidity in thousandths, after 2.3 s, or 4.3 s if it was read just before.

        Raises OSError for trouble with the wire, ValueError with the chip. The chip answers with its measurement from
        the request before, a reporting interval ago: so it is asked twice.
        """
        try:
            self._ask()
        except OSError:  # Asked too soon after the board's last start, or a glitch: the second answer counts.
            pass
        self._ask()
        return readings(self._bytes)

    def _ask(self):
        from machine import dht_readinto

        if self._asked_ms is not None:
            rest_ms = _REST_MS - _WAKING_MS - ticks_diff(ticks_ms(), self._asked_ms)
            if 0 < rest_ms <= _REST_MS:  # ticks wrap: after six days the difference may be anything
                sleep_ms(rest_ms)
        try:
            dht_readinto(self._pin, self._bytes)
        except OSError:
            raise OSError("no answer")
        finally:
            self._asked_ms = ticks_ms()


def readings(data):
    if sum(data[:4]) & 0xFF != data[4]:
        raise ValueError("wrong checksum")
    if not any(data):
        raise ValueError("it says only zeros")
    humidity = (data[0] << 8 | data[1]) * 100
    temperature = tenths(data[2] << 8 | data[3]) * 100
    if not (-40000 <= temperature <= 80000 and humidity <= 100000):
        raise ValueError("it says %d degC, %d %%" % (temperature // 1000, humidity // 1000))
    return [("temperature", temperature), ("humidity", humidity)]


def tenths(word):
    """Return a temperature in 0.1 degC. The highest bit is its sign; some chips use two's complement instead."""
    if word & 0xC000 == 0xC000:
        return word - 0x10000
    return -(word & 0x7FFF) if word & 0x8000 else word
