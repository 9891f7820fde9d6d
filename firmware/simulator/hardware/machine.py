"""The port's machine module, as far as a station needs it."""

import sys

import interrupts
import reeds
import world
from buses import I2C, SoftI2C, dht_readinto  # noqa: F401

PWRON_RESET = 0
WDT_RESET = 1
SOFT_RESET = 4
DEEPSLEEP_RESET = 5
HARD_RESET = 6
SOFT_WDT_RESET = 3  # The cause after the port's watchdog; the port has no name for it.

RESET_EXIT = 70
DEEPSLEEP_EXIT = 71


def reset():
    interrupts.end(RESET_EXIT, SOFT_RESET)


def reset_cause():
    return int(world.load("cause") or b"0")


def deepsleep(time_ms=None):
    """Sleep, forever if no time is given; the port counts microseconds in 32 bits."""
    sleep_ms = 0 if time_ms is None else (max(time_ms, 1) * 1000 & 0xFFFFFFFF) // 1000
    world.save("sleep_ms", str(sleep_ms).encode())
    interrupts.end(DEEPSLEEP_EXIT, DEEPSLEEP_RESET, sleep_ms)


class RTC:
    """Its user memory is a file that survives resets and deep sleep."""

    SIZE = 492

    def memory(self, data=None):
        if data is None:
            return world.load("rtc.bin")
        if len(data) > self.SIZE:
            raise ValueError("buffer too long")
        world.save("rtc.bin", bytes(data))


class Timer:
    """A software timer: its callback runs between two bytecodes, and may allocate."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, timer_id):
        self.due_ms = 0

    def init(self, *, mode=1, period=0xFFFFFFFF, callback=None):
        self._mode, self._callback, self._period_ms = mode, callback, period
        self.due_ms = interrupts.now_ms() + self._period_ms
        interrupts.add(self)

    def deinit(self):
        interrupts.remove(self)

    def fire(self):
        """Fire once, however late: the port queues a callback once."""
        if self._mode == self.ONE_SHOT:
            interrupts.remove(self)
        self.due_ms = interrupts.now_ms() + self._period_ms
        try:
            self._callback(self)
        except Exception as error:  # noqa: BLE001
            sys.print_exception(error)


class WDT:
    """Resets the board unless it is fed; it cannot be stopped."""

    BITES_MS = 3200  # The port's software watchdog bites after 1.6 to 3.2 s.

    def __init__(self, id=0, timeout=5000):  # noqa: A002
        self.feed()
        interrupts.guard(self)

    def feed(self):
        self.due_ms = interrupts.now_ms() + self.BITES_MS

    def fire(self):
        print("the watchdog bit")
        interrupts.end(RESET_EXIT, SOFT_WDT_RESET)


class Pin:
    """A pin that remembers its level."""

    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, number, mode=-1, pull=-1, value=None):
        self.number = number
        self._level = 1 if value is None else value

    def init(self, mode=-1, pull=-1, value=None):
        self._level = self._level if value is None else value

    def value(self, level=None):
        if level is None:
            return self._level
        self._level = 1 if level else 0

    __call__ = value

    def on(self):
        self._level = 1

    def off(self):
        self._level = 0

    def irq(self, handler=None, trigger=3, hard=False):
        if self.number >= 16:
            raise OSError("pin does not have IRQ capabilities")
        if hard:
            raise ValueError("hard IRQ not supported")
        reeds.watch(self.number, handler if trigger & self.IRQ_FALLING else None)

    def __str__(self):
        return "Pin(%d)" % self.number


class ADC:
    """The one analogue input, or as channel 1 the chip's own supply in 1/1024 V: 65535 unless it is set to that."""

    def __init__(self, channel):
        if channel not in (0, 1):
            raise ValueError("ADC(%d) doesn't exist" % channel)
        self._channel = channel

    def read(self):
        if self._channel == 0:
            return reeds.a0()
        volts = world.fact("supply_v")
        return 65535 if volts is None else int(volts * 1024)
