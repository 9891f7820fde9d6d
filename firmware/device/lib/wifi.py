"""Joins one of the station's networks that is in range.

The SDK keeps trying the network that it was given last, even after a reset, since it writes it to flash. So it is
seldom given one: the time with each network grows, up to an hour. A scan would find the networks in range, but the
port's scan takes longer than its watchdog waits.
"""

import machine
import network
import time
from micropython import const

_STAY_S = const(15)
_LONGEST_S = const(3600)


class WiFi:
    def __init__(self, networks):
        """`networks`: (ssid, password) pairs, the preferred one first; the one joined last is tried before them."""
        # The port opens its own access point, with a password that everybody knows.
        _switch(network.WLAN(network.AP_IF), False)
        self._wlan = _switch(network.WLAN(network.STA_IF), True)
        self._networks = networks
        self._tried = 0
        kept = self._kept()
        self._at = kept or 0
        # The password kept by the SDK may be outdated, but not after a deep sleep.
        self._connect(kept is None or machine.reset_cause() != machine.DEEPSLEEP_RESET)

    def joined(self):
        return self._wlan.isconnected()

    def tend(self):
        """Move on to the next network once the time with this one is over. Call this every second or so."""
        now = time.ticks_ms()
        if self._wlan.isconnected():
            self._tried = 0
            self._since = now
        elif time.ticks_diff(now, self._since) > 1000 * min(_STAY_S << self._tried // len(self._networks), _LONGEST_S):
            self._tried = min(self._tried + 1, 9 * len(self._networks))
            self._at = (self._at + 1) % len(self._networks)
            self._connect(len(self._networks) > 1)

    def join(self, timeout_s):
        """Wait for a network, for `timeout_s` at most; return whether there is one."""
        end = time.ticks_add(time.ticks_ms(), timeout_s * 1000)
        while not self.joined() and time.ticks_diff(end, time.ticks_ms()) > 0:
            self.tend()
            time.sleep_ms(100)
        return self.joined()

    def signal(self):
        """Return the strength of the network's signal in dBm, or None: the SDK says 31 while there is none."""
        try:
            dbm = self._wlan.status("rssi")
        except ValueError:  # Another MicroPython, which does not know it.
            return None
        return dbm if -100 <= dbm <= -1 else None

    def _kept(self):
        """Return the index of the network that the SDK has kept, or None."""
        kept = self._wlan.config("ssid")
        for at, (ssid, _) in enumerate(self._networks):
            if ssid == kept:
                return at
        return None

    def _connect(self, is_new):
        self._since = time.ticks_ms()
        if is_new:
            ssid, password = self._networks[self._at]
            self._wlan.connect(ssid, password)
        else:
            self._wlan.connect()


def _switch(interface, on):
    if interface.active() != on:  # The port keeps this on flash too.
        interface.active(on)
    return interface
