"""The data wires to the sensors, and what can be wrong with them: `sensor_fault` in world.json.

absent    nothing is connected: nobody acknowledges, no presence pulse
bus_lost  the data wire is held low: everything is acknowledged and reads 0
hang      the chip holds the clock low, or never ends its measurement
stuck     a chip lost count of the clock in the midst of a byte and holds the data wire low until it gets 9 clocks
block     the call that talks to the sensor never comes back: nothing real does, it is for the watchdog
"""

import time

import world

_freed = False


def fault():
    """Return the wire's fault; one that blocks never returns."""
    global _freed
    name = world.fact("sensor_fault")
    while name == "block":
        time.sleep_ms(100)
    if name != "stuck":
        _freed = False
    return None if name == "stuck" and _freed else name


def clocked_free():
    global _freed
    _freed = True
