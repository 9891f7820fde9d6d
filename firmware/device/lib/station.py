"""The station: it measures every interval, reports, and waits. It goes on whatever happens."""

import gc
import json
import sys
import time

import faults
import http
import watchdog
from clock import Clock
from identity import Identity
from micropython import const
from outbox import Outbox
from reporter import Reporter
from wifi import WiFi

_SENSOR_S = const(10)  # Drivers promise 2.
_JOIN_S = const(40)
_POST_S = const(100)  # to join 40, for DNS 20, for the connection 10, for report and answer 30
_DELIVER_S = const(120)
_TURN_S = const(180)


def start(ready):
    """Run forever. `ready()` is called after the last step that a damaged file could stop."""
    print(faults.recorded())
    with open("config.json") as file:
        config = json.load(file)
    if config["battery"]:
        from battery import Battery as Kind  # Code takes memory: it is loaded only when used.
    else:
        Kind = Station
    gc.collect()  # Lasting objects should lie close together.
    station = Kind(config)
    del config
    watchdog.start()
    ready()
    try:
        station.run()
    except KeyboardInterrupt:
        watchdog.release()
        raise


class Station:
    """A station that is always on, and connected whenever there is a network."""

    def __init__(self, config):
        self.interval_ms = config["interval_s"] * 1000
        self.clock = Clock()
        self.identity = Identity()
        self.clock.restore(self.identity)
        self._server = http.Server(config["server"], config["mac"], config["key"])
        self.reporter = Reporter(config, self.clock, self.identity, Outbox("outbox"), self._post)
        self._networks = config["networks"]
        self._sensors = [[wiring, None] for wiring in config["sensors"]]  # the second is the driver while it is loaded
        self._wifi = None

    def run(self):
        self._again = None  # when to deliver waiting readings
        while True:
            try:
                with watchdog.step(_TURN_S):
                    self._turn()
            except Exception as error:
                faults.record(error)
                time.sleep(1)

    def _turn(self):
        """Do the work that is due, and sleep for at most a second: WiFi and clock need attention."""
        if self._wifi is None:
            self._due = time.ticks_ms()  # when to take the next reading
            self._set_up()
            self.join()  # The first reading need not go onto flash.
        now = time.ticks_ms()
        self.clock.up_s()
        self._wifi.tend()
        if time.ticks_diff(now, self._due) >= 0:
            while time.ticks_diff(now, self._due) >= 0:
                self._due = time.ticks_add(self._due, self.interval_ms)
            self.measure()
            self._again = now
        if not self._wifi.joined():
            self.reporter.keep()
        elif self._again is not None and time.ticks_diff(now, self._again) >= 0:
            wait_s = self.deliver()
            if wait_s == 0:
                return
            self._again = None if wait_s is None else time.ticks_add(time.ticks_ms(), wait_s * 1000)
        time.sleep_ms(max(0, min(1000, time.ticks_diff(self._due, time.ticks_ms()))))

    def _set_up(self):
        """Set up the sensors that count: they do so from here on."""
        for place in self._sensors:
            try:
                _driver(place)
            except Exception as error:  # measure() tries again, and tells it.
                print(error)
            _forget(place)

    def measure(self):
        """Hand the sensors' values to the reporter, or their troubles."""
        troubles = []
        for place in self._sensors:
            try:
                with watchdog.step(_SENSOR_S):
                    self._add(place[0]["fields"], self._read(place))
            except Exception as error:
                place[1] = None  # It is set up again: it may have lost power, or come back.
                troubles.append("%s: %s" % (place[0]["driver"], error))
                print(troubles[-1])
        self.reporter.trouble = "; ".join(troubles)

    def _read(self, place):
        driver = _driver(place)
        try:
            return driver.read()
        finally:
            _forget(place)

    def _add(self, fields, readings):
        for quantity, thousandths in readings:
            if quantity in fields:
                self.reporter.add(fields[quantity], thousandths)

    def deliver(self):
        """Send one report if one is due. Return what Reporter.deliver() returns."""
        with watchdog.step(_DELIVER_S):
            return self.reporter.deliver()

    def join(self):
        """Wait up to 40 s for a network; return whether there is one."""
        if self._wifi is None:
            self._wifi = WiFi(self._networks)
            self.reporter.health.signal = self._wifi.signal
        joined = self._wifi.join(_JOIN_S)
        if not joined:
            print("no WiFi")
        return joined

    def _post(self, body):
        with watchdog.step(_POST_S, self._rescue):
            return self.send(body)

    def send(self, body):
        """Post a report, and print the outcome for an observer on USB."""
        try:
            answer = self._server.post(body)
        except (OSError, ValueError) as error:
            print("no answer:", error)
            raise
        print(answer)
        return answer

    def _rescue(self):
        """Save the newest reading and the time, which are only in RAM: the network hangs, and the board will reset."""
        self.reporter.keep()
        self.clock.save(self.identity, 1)


def _driver(place):
    wiring, driver = place
    if driver is None:
        driver = place[1] = __import__("sensors." + wiring["driver"], None, None, ("Sensor",)).Sensor(wiring)
    return driver


def _forget(place):
    """Unload a driver that has nothing to do until the next reading: a report needs its memory."""
    if not getattr(place[1], "counts", False):
        place[1] = None
        for name in ("sensors", "sensors." + place[0]["driver"], "i2c"):
            sys.modules.pop(name, None)
