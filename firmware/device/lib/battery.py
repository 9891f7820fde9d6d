"""The station on battery: it wakes for one reading at a time. Each wake restarts the board."""

import time

import faults
import machine
import watchdog
from micropython import const
from report import decimal
from station import Station

_AWAKE_MS = const(180000)  # for one report after another
_WHOLE_S = const(320)
_LONGEST_SLEEP_MS = const(4200000)  # The port counts microseconds in 32 bits.


_LOWEST = const(1800)  # mV: below it, the chip does not run
_HIGHEST = const(3800)


def _voltage():
    """Return the member of a report for the chip's own supply, "" where its ADC does not measure that.

    It does if byte 107 of the SDK's init data is 255, else it reads 65535. Call it before WiFi is there.
    """
    try:
        millivolts = machine.ADC(1).read() * 1000 // 1024
    except ValueError:  # Another MicroPython, which does not know it.
        return ""
    return ',"voltage":' + decimal(millivolts) if _LOWEST <= millivolts <= _HIGHEST else ""


class Battery(Station):
    def run(self):
        try:
            with watchdog.step(_WHOLE_S):
                self.reporter.health.more = _voltage()
                self.measure()
                while self.deliver() == 0 and time.ticks_ms() < _AWAKE_MS:  # Ticks count from the end of the sleep.
                    pass
        except Exception as error:
            faults.record(error)
        sleep_ms = min(max(self.interval_ms - time.ticks_ms(), 1000), _LONGEST_SLEEP_MS)
        self.clock.save(self.identity, sleep_ms // 1000, sleep_ms % 1000)
        machine.deepsleep(sleep_ms)

    def send(self, body):
        """Join the network only when the reporter wants to report: it waits longer after each failure."""
        if not self.join():
            raise OSError("no WiFi")
        return super().send(body)
