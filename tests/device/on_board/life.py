"""Runs in the VM: a board's RTC memory, time and server, all in RAM, so that many lives pass in a moment."""

import json
import sys
import time

from clock import Clock
from identity import Identity
from outbox import Outbox
from reporter import Reporter

NOON = 1_795_334_400
CONFIG = {"interval_s": 60, "firmware": "1.2.3"}


def say(*what):
    """Report to the test on the host: one line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")


def whole(body):
    """Return a report's body in one piece, after checking its announced length."""
    text = "".join(body)
    assert len(text) == len(body)
    return text


class World:
    """Things that outlast a board's program: RTC memory while there is power, and time."""

    PWRON_RESET, WDT_RESET, SOFT_RESET, DEEPSLEEP_RESET, HARD_RESET = 0, 1, 4, 5, 6

    def __init__(self):
        self.rtc = b""
        self.cause = self.PWRON_RESET
        self.seconds = 0
        self.started = 0
        sys.modules["machine"] = self  # Identity imports it.

    def RTC(self):  # noqa: N802
        return self

    def memory(self, data=None):
        if data is not None:
            self.rtc = bytes(data)
        return self.rtc

    def reset_cause(self):
        return self.cause

    def ticks_ms(self):
        return time.ticks_add(0, (self.seconds - self.started) * 1000)

    def start(self, cause):
        self.cause = cause
        self.started = self.seconds
        if cause == self.PWRON_RESET:
            self.rtc = b""


class Server:
    """Recognizes repeats by boot and seq, as freetemp does.

    `fail` is the status of its answers, None for no network, "lost" for an answer that does not arrive. `answer`, if
    set, is the text of a 200 that stores nothing. 1 KiB of an answer arrives, as with http.py.
    """

    def __init__(self, world):
        self.world = world
        self.fail = 200
        self.stored = []  # (boot, seq, at, value)
        self.reports = []
        self.highest = {}
        self.wrong = []
        self.troubles = []
        self.rejects = lambda reading, now: None
        self.retry_after_s = None
        self.answer = None

    def now(self):
        return NOON + self.world.seconds

    def post(self, body):
        if self.fail is None:
            raise OSError(113)
        report = json.loads(whole(body))
        self.reports.append(report)
        if self.fail not in (200, "lost"):
            return self.fail, self.retry_after_s, b"no"
        answer = json.dumps(self.take(report)).encode() if self.answer is None else self.answer
        if self.fail == "lost":
            raise OSError(110)
        return 200, None, answer[:1024]

    def take(self, report):
        boot, rejected = report["boot"], []
        self.troubles.append(report.get("trouble", ""))
        known = [reading[:2] for reading in self.stored]
        for reading in report["readings"]:
            seq, at = reading["seq"], reading.get("at")
            if at is None:
                at = self.now() - reading["age"]
            code = self.rejects(reading, self.now())
            if seq <= self.highest.get(boot, 0):
                if (boot, seq) not in known:
                    self.wrong.append(("skipped", boot, seq))
            elif code:
                rejected.append({"seq": seq, "code": code, "reason": "for the test"})
            else:
                self.stored.append((boot, seq, at, reading["value"]))
        if report["readings"]:
            last = report["readings"][-1]["seq"]
            self.highest[boot] = max(last, self.highest.get(boot, 0))
        ack = report["readings"][-1]["seq"] if report["readings"] else None
        return {"stored": 0, "duplicate": 0, "rejected": rejected, "ack": ack, "time": self.now()}


class Board:
    """The station's parts, put together again at each start."""

    def __init__(self, world, server, cause=World.PWRON_RESET, segments=16):
        world.start(cause)
        self.identity = Identity()
        self.clock = Clock(ticks_ms=world.ticks_ms)
        self.clock.restore(self.identity)
        self.outbox = Outbox("outbox", segments)
        self.reporter = Reporter(CONFIG, self.clock, self.identity, self.outbox, server.post)

    def deliver_all(self, world, turns=400):
        """Deliver, and let time pass when the reporter wants it, until nothing waits. Return whether that happened."""
        for _ in range(turns):
            wait_s = self.reporter.deliver()
            if wait_s is None:
                return True
            world.seconds += wait_s
        return False
