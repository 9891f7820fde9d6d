"""The port's network module, as far as a station needs it: networks in range may be joined, and may go away."""

import json

import interrupts
import world

STA_IF = 0
AP_IF = 1
STAT_IDLE = 0
STAT_CONNECTING = 1
STAT_WRONG_PASSWORD = 2
STAT_NO_AP_FOUND = 3
STAT_CONNECT_FAIL = 4
STAT_GOT_IP = 5

JOINING_MS = 1500
RSSI = -67


def _stored():
    return json.loads(world.load("sta") or b'["", ""]')


# A fresh board opens its own access point; one that has joined a network does so again before the program runs.
_active = {STA_IF: _stored()[0] != "", AP_IF: _stored()[0] == ""}
_wanted = _stored() if _active[STA_IF] else None
_since_ms = 0


def _air():
    """Return the status that joining leads to now."""
    if world.fact("wifi_down"):
        return STAT_NO_AP_FOUND
    networks = world.fact("wifi")
    if networks is None or networks.get(_wanted[0]) == _wanted[1]:
        return STAT_GOT_IP
    return STAT_WRONG_PASSWORD if _wanted[0] in networks else STAT_NO_AP_FOUND


class WLAN:
    """Station or access point; two objects for one interface are the same."""

    IF_STA = STA_IF
    IF_AP = AP_IF

    def __init__(self, interface=STA_IF):
        self._interface = interface

    def active(self, on=None):
        if on is None:
            return _active[self._interface]
        _active[self._interface] = bool(on)
        if not on and self._interface == STA_IF:
            self.disconnect()

    def connect(self, ssid=None, password=""):
        """Join a network. A given one is written to flash, as by the SDK: sta_writes counts how often."""
        global _wanted, _since_ms
        if ssid is not None:
            world.save("sta", json.dumps([ssid, password]).encode())
            world.save("sta_writes", str(int(world.load("sta_writes") or b"0") + 1).encode())
        _wanted, _since_ms = _stored(), interrupts.now_ms()

    def disconnect(self):
        global _wanted
        _wanted = None

    def status(self, param=None):
        if param == "rssi":
            return (world.fact("rssi") or RSSI) if self.isconnected() else 31
        if param is not None:
            raise ValueError("unknown status param")
        if not _active[STA_IF] or _wanted is None:
            return STAT_IDLE
        if interrupts.now_ms() - _since_ms < JOINING_MS:
            return STAT_CONNECTING
        return _air()

    def isconnected(self):
        return self._interface == STA_IF and self.status() == STAT_GOT_IP

    def config(self, name):
        return {"mac": b"\x6c\xef\x7f\x3b\x9d\xe8", "ssid": _stored()[0]}[name]
