"""Runs in the MicroPython VM: reads one sensor again and again while the world around it changes.

stdin is a JSON object {"driver", "wiring", "worlds": [...]}; stdout gets a line of JSON for each world: the readings,
or the error and its message, and the milliseconds of the board's time that it took. `before_ms` in a world is the
board's wait before it reads; `left` lists another program's writes to I2C before that: [address, hex] pairs.
"""

import json
import sys
import time

import buses
import world

task = json.loads(sys.stdin.read())
driver = __import__("sensors." + task["driver"], None, None, ("Sensor",))
sensor = driver.Sensor(task["wiring"])
for facts in task["worlds"]:
    world.save("world.json", json.dumps(facts).encode())
    world._read_ms = None
    for address, data in facts.get("left", ()):
        buses.SoftI2C(None, None).writeto(address, bytes(int(data[i : i + 2], 16) for i in range(0, len(data), 2)))
    time.sleep_ms(facts.get("before_ms", 60000))
    started_ms = time.ticks_ms()
    try:
        outcome = {"readings": dict(sensor.read())}
    except (OSError, ValueError) as error:
        outcome = {"error": type(error).__name__, "says": str(error)}
    outcome["took_ms"] = time.ticks_diff(time.ticks_ms(), started_ms)
    sys.stdout.write(json.dumps(outcome) + "\n")
