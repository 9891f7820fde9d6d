"""The wires to the sensors and their faults: `sensor_fault` in world.json.

- absent: nothing is connected: no acknowledgement, no presence pulse.
- bus_lost: the data wire is held low: everything is acknowledged and reads 0.
- hang: the chip holds the clock low, or never ends its measurement.
- stuck: a chip lost count in a byte and holds the data wire low until it gets 9 clocks.
- refuses: the chip acknowledges its address, but no byte that is written to it.
- block: the call that talks to the sensor never returns. Nothing real does that; it is for the watchdog.

With `fault_after` it begins after that many transfers: a wire that breaks during a measurement.
"""

import time

import world

_freed = False
_named = None
_transfers = 0


def fault():
    """Return the fault of this transfer; one that blocks never returns."""
    global _freed, _named, _transfers
    name, after = world.fact("sensor_fault"), world.fact("fault_after", 0)
    if _named != (name, after):
        _named, _transfers, _freed = (name, after), 0, False
    _transfers += 1
    if _transfers <= after or (name == "stuck" and _freed):
        return None
    while name == "block":
        time.sleep_ms(100)
    return name


def clocked_free():
    global _freed
    _freed = True
