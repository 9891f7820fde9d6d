"""The cause of an outage, weighed from what is known of it: the whole decision, which knows no table and no clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.db import models

MOSTLY = 0.75  # of an outage: a server that was away for so much of it is its cause
# A board that measured all along delivers everything. One that had no power measures while its router starts, and
# delivers that.
LATE = 0.5
WEAK_DBM = -85
FALLEN = 0.9  # of the highest voltage of the days before
LOW_V = 2.9  # An ESP8266 without a battery field measures its own supply: 3.3 V, and it works down to about 2.5 V.
CRASHES = frozenset({1, 2, 3})  # hardware watchdog, exception, software watchdog: machine.reset_cause()
ASKED_TO = 4  # machine.reset(), by the board's own program


class Cause(models.TextChoices):
    """What an outage was. The labels are the admin's; pages and messages have translated words of their own."""

    SERVER = "server", "this server was off"
    WAY = "way", "this server was not reached"
    NETWORK = "network", "network"
    SIGNAL = "signal", "weak signal"
    POWER = "power", "no power"
    BATTERY = "battery", "empty battery"
    CRASH = "crash", "crash"
    HANG = "hang", "hang or sensor"
    SENSOR = "sensor", "sensor"
    UNKNOWN = "unknown", "not known"


class Facts(NamedTuple):
    """What is known of one station's outage. None is for what its device does not tell.

    `arrived` of the `expected` readings came after it. `others` is the number of other stations that reported before,
    of which `together` were lost at the same moment; of these, the boards of `together_anew` have started anew, and
    the readings of `together_late` arrived late. `server_off` is the part of the outage in which this server was off.
    `voltages` are the last one before the outage, and the highest one of the days before it.
    """

    expected: int = 0
    arrived: int = 0
    was_heard: bool = False
    started_anew: bool | None = None
    reset_cause: int | None = None
    ran_through: bool | None = None
    server_off: float = 0.0
    others: int = 0
    together: int = 0
    together_anew: int = 0
    together_late: int = 0
    rssi: int | None = None
    voltages: tuple[float, float] | None = None

    @property
    def arrived_late(self) -> bool:
        return self.arrived >= max(LATE * self.expected, 1)

    @property
    def all_together(self) -> bool:
        return 0 < self.others == self.together

    @property
    def is_weak(self) -> bool:
        return self.rssi is not None and self.rssi <= WEAK_DBM

    @property
    def is_empty(self) -> bool:
        """Tell whether its supply was about to end, by the last voltage."""
        if self.voltages is None:
            return False
        last, highest = self.voltages
        return last <= FALLEN * highest or highest <= LOW_V


class Verdict(NamedTuple):
    """A cause, and whether it is sure or only likely."""

    cause: Cause
    is_sure: bool


Rule = Callable[[Facts], Verdict | None]
UNKNOWN = Verdict(Cause.UNKNOWN, False)


def decide(facts: Facts) -> Verdict:
    """Return the cause by the first rule that has one."""
    return next((found for rule in RULES if (found := rule(facts))), UNKNOWN)


def _heard(facts: Facts) -> Verdict | None:
    """Its board said all the time that the sensor gave no value."""
    return Verdict(Cause.SENSOR, True) if facts.was_heard else None


def _server_off(facts: Facts) -> Verdict | None:
    """Nothing can be heard by a server that is off. Boards that start anew with it had no power either."""
    if facts.server_off < MOSTLY:
        return None
    return Verdict(Cause.POWER if facts.started_anew and not facts.arrived_late else Cause.SERVER, True)


def _late(facts: Facts) -> Verdict | None:
    """The board went on measuring, so it had power: something between it and this server was away."""
    if not facts.arrived_late:
        return None
    if facts.all_together:
        return Verdict(Cause.WAY, facts.others > 1)
    return Verdict(Cause.SIGNAL, False) if facts.is_weak and not facts.together else Verdict(Cause.NETWORK, True)


def _anew(facts: Facts) -> Verdict | None:
    """Its memory was lost, which no reset does: it had no power, or was flashed."""
    if not facts.started_anew:
        return None
    if facts.reset_cause in CRASHES and not facts.together:
        return Verdict(Cause.CRASH, True)
    if facts.together:
        return Verdict(Cause.POWER, facts.together > facts.together_late)
    return Verdict(Cause.BATTERY if facts.is_empty else Cause.POWER, False)


def _same(facts: Facts) -> Verdict | None:
    """Its memory was kept, so it had power, and measured nothing."""
    if facts.started_anew is not False:
        return None
    if facts.ran_through:
        return Verdict(Cause.SENSOR, False)
    if facts.reset_cause in CRASHES:
        return Verdict(Cause.CRASH, True)
    return Verdict(Cause.CRASH if facts.reset_cause == ASKED_TO else Cause.HANG, False)


def _as_others(facts: Facts) -> Verdict | None:
    """A device that tells nothing of itself was lost with boards that do."""
    if facts.together_anew > facts.together_late:
        return Verdict(Cause.POWER, False)
    if facts.together_late:
        return Verdict(Cause.WAY if facts.all_together else Cause.NETWORK, False)
    return None


def _alone(facts: Facts) -> Verdict | None:
    """What it last told of itself is all that there is."""
    if facts.together:
        return None
    if facts.is_empty:
        return Verdict(Cause.BATTERY, False)
    return Verdict(Cause.SIGNAL, False) if facts.is_weak else None


RULES: Sequence[Rule] = (_heard, _server_off, _late, _anew, _same, _as_others, _alone)
