"""The station: it measures every interval, reports, and waits; whatever goes wrong, it goes on."""

import json
import time

import faults
import http
import machine
import watchdog
from clock import Clock
from identity import Identity
from micropython import const
from outbox import Outbox
from reporter import Reporter
from wifi import WiFi

_SENSOR_S = const(10)  # Drivers promise 2.
_JOIN_S = const(40)
_POST_S = const(60)  # DNS 20, connection 10, report and answer 30
_DELIVER_S = const(120)
_AWAKE_S = const(180)  # on battery, for one report after another
_LONGEST_SLEEP_MS = const(4200000)  # The port counts microseconds in 32 bits.


def start(ready):
    """Run for ever. `ready()` is called once all that a damaged file could stop has been loaded."""
    print(faults.recorded())
    with open("config.json") as file:
        config = json.load(file)
    station = (Battery if config["battery"] else Mains)(config)
    watchdog.start()
    ready()
    try:
        station.run()
    except KeyboardInterrupt:
        watchdog.release()
        raise


class Station:
    """What both kinds share; they differ in run() and in post(), the way to the server."""

    def __init__(self, config):
        self.interval_ms = config["interval_s"] * 1000
        self.clock = Clock()
        self.identity = Identity()
        self.clock.restore(self.identity)
        self.server = http.Server(config["server"], config["mac"], config["key"])
        self.reporter = Reporter(config, self.clock, self.identity, Outbox("outbox"), self.post)
        self._wiring = config["sensor"]
        self._fields = config["fields"]
        self._sensor = None

    def measure(self):
        """Hand what the sensor says to the reporter, or what is wrong with it."""
        try:
            with watchdog.step(_SENSOR_S):
                for quantity, thousandths in self._read():
                    if quantity in self._fields:
                        self.reporter.add(self._fields[quantity], thousandths)
            self.reporter.trouble = ""
        except Exception as error:
            self._sensor = None  # It is set up anew: it may have lost its power, or come back.
            self.reporter.trouble = "%s: %s" % (self._wiring["driver"], _wrong(error))
            print(self.reporter.trouble)

    def _read(self):
        if self._sensor is None:
            self._sensor = __import__("sensors." + self._wiring["driver"], None, None, ("Sensor",)).Sensor(self._wiring)
        return self._sensor.read()

    def deliver(self):
        """Send one report where one is due; return as Reporter.deliver does."""
        with watchdog.step(_DELIVER_S):
            return self.reporter.deliver()


    def send(self, body):
        """Post a report, and print what came of it for whoever looks on over USB."""
        try:
            status, retry_after_s, answer = self.server.post(body)
        except (OSError, ValueError) as error:
            print("no answer to the report:", error)
            raise
        print("report:", status, answer[:80])
        return status, retry_after_s, answer

    def rescue(self):
        """Lose nothing where the network hangs until the board resets: the newest reading is in RAM only, and so is the time."""
        self.reporter.keep()
        self.clock.save(self.identity, 1)


class Mains(Station):
    """Always on, and in the network whenever there is one."""

    def __init__(self, config):
        super().__init__(config)
        self._wifi = WiFi(config["networks"])
        self._due = None  # when to take the next reading
        self._again = None  # when to deliver what waits

    def run(self):
        while True:
            try:
                with watchdog.step(_JOIN_S + _SENSOR_S + _DELIVER_S + 10):
                    self._turn()
            except Exception as error:
                faults.record(error)
                time.sleep(1)

    def _turn(self):
        """Do what is due, and sleep for a second at most: WiFi and clock are to be looked after."""
        if self._due is None:
            self._due = time.ticks_ms()
            self._wifi.join(_JOIN_S)  # The first reading need not go onto flash.
        now = time.ticks_ms()
        self.clock.up_s()
        self._wifi.tend()
        if time.ticks_diff(now, self._due) >= 0:
            while time.ticks_diff(now, self._due) >= 0:
                self._due = time.ticks_add(self._due, self.interval_ms)
            self.measure()
            self._again = now
        if not self._wifi.joined():
            if self._again == now:
                print("no WiFi")
            self.reporter.keep()
        elif self._again is not None and time.ticks_diff(now, self._again) >= 0:
            wait_s = self.deliver()
            if wait_s == 0:
                return
            self._again = None if wait_s is None else time.ticks_add(time.ticks_ms(), wait_s * 1000)
        time.sleep_ms(max(0, min(1000, time.ticks_diff(self._due, time.ticks_ms()))))

    def post(self, body):
        with watchdog.step(_POST_S, self.rescue):
            return self.send(body)


class Battery(Station):
    """Asleep but for one reading at a time; each wake starts the board anew."""

    def __init__(self, config):
        super().__init__(config)
        self._networks = config["networks"]
        self._wifi = None

    def run(self):
        try:
            with watchdog.step(_SENSOR_S + _AWAKE_S + _DELIVER_S):
                self.measure()
                end = time.ticks_add(time.ticks_ms(), _AWAKE_S * 1000)
                while self.deliver() == 0 and time.ticks_diff(end, time.ticks_ms()) > 0:
                    pass
        except Exception as error:
            faults.record(error)
        sleep_ms = min(max(self.interval_ms - time.ticks_ms(), 1000), _LONGEST_SLEEP_MS)
        self.clock.save(self.identity, sleep_ms // 1000, sleep_ms % 1000)
        machine.deepsleep(sleep_ms)

    def post(self, body):
        """Join the network only where the reporter wants to report: it waits longer after each failure."""
        with watchdog.step(_JOIN_S + _POST_S, self.rescue):
            if self._wifi is None:
                self._wifi = WiFi(self._networks)
            if not self._wifi.join(_JOIN_S):
                print("no WiFi")
                raise OSError("no WiFi")
            return self.send(body)


def _wrong(error):
    """Return what the driver says, in words where it only passes on the bus' number."""
    if isinstance(error, OSError) and error.args and isinstance(error.args[0], int):
        return "no answer (error %d)" % error.args[0]
    return str(error) or type(error).__name__
