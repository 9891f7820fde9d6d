"""The conditions and faults of sensor chips: keys of world.json.

- temperature, humidity, pressure, illuminance: in degC, %, hPa and lx. Rain and wind are in reeds.py.
- sensor_fault: "crc": bits change on the wire. "blink": the chip loses its power once, during a measurement. "deaf": it
  misses one command to measure. "nonsense": differs by chip, see each chip. The others are in wires.py.
- sensor_bytes: the chip's answer, whatever it measures: {"<register in hex>": "<bytes in hex>"}, or for chips without
  registers {"answer": "<bytes in hex>"}.
- bmp280: true: the module sold as a BME280 carries a BMP280, which has no humidity.
"""

import world

_DEFAULTS = {"temperature": 21.4, "humidity": 55, "pressure": 1013.2, "illuminance": 320}
_turns = 0
_happened = None


def feels(quantity):
    return float(world.fact(quantity, _DEFAULTS[quantity]))


def fault(name):
    return world.fact("sensor_fault") == name


def once(name):
    """Tell whether a fault happens now: once after world.json names it, until it names another."""
    global _happened
    if not fault(name):
        _happened = None if _happened == name else _happened
        return False
    first, _happened = _happened != name, name
    return first


def words(name):
    """Return the bytes that world.json has a chip say, or None."""
    text = (world.fact("sensor_bytes") or {}).get(name)
    return None if text is None else bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))


def noise(data):
    """Return bytes as they arrive: the fault "crc" flips one bit, a different one each time."""
    global _turns
    arriving = bytearray(data)
    if fault("crc") and arriving:
        _turns += 1
        arriving[_turns % len(arriving)] ^= 1 << _turns % 8
    return bytes(arriving)
