"""A year of twenty stations with outages of each kind, at a clock that is moved: what was told, and was it right?

python -m tests.outages.year [--days 365] [--seed N]

Devices are played, as tests/outages/world.py says. The ingest, the watch, its messages and its weighings are real.
Between events time is skipped; on days without any, half an hour of reports is played, some of which are lost.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from tests.outages.result import Result, lines
from tests.programs import hear_ctrl_c

SITES = {
    "A": [("board", 60)] * 5 + [("single", 60), ("foreign", 60)],
    "B": [("board", 60)] * 4 + [("old", 60), ("single", 60)],
    "C": [("board", 60)] * 3 + [("board", 300), ("board", 300), ("old", 300), ("foreign", 300)],
}
QUIET_MONTHS = {2, 8}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LENGTHS = [14, 14, 20, 30, 45, 60, 90, 180, 400, 1600]  # minutes
# How often each kind is drawn.
KINDS = {
    "power of a site": 14, "power of one": 12, "router of a site": 12, "wifi of one": 14, "server off": 10,
    "server not reached": 8, "hang": 8, "crash": 9, "sensor": 6, "battery": 4, "weak signal": 5, "foreign alone": 2,
}  # fmt: skip
TRUE = {
    "power of a site": {"power"}, "power of one": {"power"}, "router of a site": {"network"},
    "wifi of one": {"network"},
    "server off": {"server"}, "server not reached": {"way"}, "hang": {"hang"}, "crash": {"crash"}, "sensor": {"sensor"},
    "battery": {"battery"}, "weak signal": {"signal"}, "foreign alone": {"power"},
}  # fmt: skip


class Year:
    """Plays events and looks at what was told of each."""

    kinds: ClassVar = KINDS
    true: ClassVar = TRUE

    def __init__(self, world) -> None:
        self.world, self.result, self.random = world, Result(), world.random

    def play(self, days: int) -> Result:
        world = self.world
        begin = world.now
        with contextlib.suppress(KeyboardInterrupt):  # What was found until then is told.
            self._play(begin, days)
        return self.result

    def _play(self, begin, days: int) -> None:
        world = self.world
        for day in range(days):
            self.result.days = day
            morning = begin + timedelta(days=day, hours=6)
            is_quiet = morning.month in QUIET_MONTHS or self.random.random() < 0.25
            self._skip_to(morning + self.random.randrange(600) * MINUTE)
            if is_quiet:
                self.quiet_hour()
            elif world.now < morning + timedelta(hours=14):
                kind = self.random.choices(list(self.kinds), self.kinds.values())[0]
                self.event(kind, self.random.choice(LENGTHS) * MINUTE)
        self.result.days = days

    def _skip_to(self, moment) -> None:
        self.world.focus = []
        while self.world.now < moment:
            self.world.skip(min(6 * HOUR, moment - self.world.now))

    def quiet_hour(self) -> None:
        """Play an hour in which reports come when they want, and some not at all."""
        from alerts.models import Incident
        from outages.models import Outage

        world = self.world
        self.result.quiet += 1
        before = Incident.objects.count() + Outage.objects.filter(was_watched=True).count()
        held: dict = {}
        for _ in range(12):
            for device in world.devices:
                if device not in held and self.random.random() < 0.02:
                    held[device] = world.now + self.random.randrange(1, 4) * device.interval
            world.held = {device for device, until in held.items() if until > world.now}
            held = {device: until for device, until in held.items() if until > world.now - 5 * device.interval}
            world.pass_by(2 * MINUTE)
        world.held = set()
        world.pass_by(MINUTE)
        if Incident.objects.count() + Outage.objects.filter(was_watched=True).count() != before:
            self.result.false_alarms.append(world.now)

    def event(self, kind: str, length: timedelta) -> None:
        """Play one event, from some minutes before it to a day after it."""
        from alerts.models import Rhythm
        from outages.models import Outage
        from outages.rhythm import limit

        world = self.world
        world.remember()
        affected = self._affected(kind)
        length = max(length, *(7 * each.interval for each in affected))
        world.focus = affected
        if kind == "weak signal":
            affected[0].rssi = -89
        if kind == "battery":
            self._fall(affected[0])
        warm_up = max(3 * each.interval for each in affected)
        world.pass_by(warm_up + self.random.randrange(60) * timedelta(seconds=1))
        begun_at = world.now
        longest = Rhythm.objects.longest()
        self.limits = {each: limit(each.station.interval_s, longest.get(each.station.pk, ())) for each in affected}
        restore = self._begin(kind, affected)
        self._last(length, affected)
        restore()
        ended_at = world.now
        world.pass_by(max(6 * MINUTE, *(3 * each.interval for each in affected)))
        self._wait_for_outboxes(affected)
        self._look(kind, affected, begun_at, ended_at)
        for each in affected:
            each.rssi, each.voltage = -60, 4.1
        world.focus = []
        for wait in (HOUR, 6 * HOUR, 18 * HOUR):
            world.skip(wait)
            world.pass_by(2 * MINUTE)
        for each in affected:
            for outage in Outage.objects.filter(station=each.station, began_at__lte=ended_at, ended_at__gt=begun_at):
                self.result.after_a_day[kind][self._verdict(kind, outage.cause)] += 1

    def _affected(self, kind: str) -> list:
        world = self.world
        boards = [each for each in world.devices if each.kind == "board"]
        if kind in ("power of a site", "router of a site"):
            site = self.random.choice(sorted({each.site for each in world.devices}))
            return [each for each in world.devices if each.site == site]
        if kind in ("server off", "server not reached"):
            return list(world.devices)
        if kind == "foreign alone":
            return [self.random.choice([each for each in world.devices if each.kind in ("foreign", "single")])]
        if kind in ("power of one", "wifi of one", "hang"):
            boards = [each for each in world.devices if each.kind in ("board", "old")] if kind != "hang" else boards
        return [self.random.choice(boards)]

    def _fall(self, device) -> None:
        """Let a battery fall over some hours before it is empty."""
        for voltage in (4.1, 3.9, 3.7, 3.5):
            device.voltage = voltage
            self.world.pass_by(3 * device.interval)

    def _begin(self, kind: str, affected: list) -> Callable[[], None]:
        """Break something, and return what mends it."""
        world, random = self.world, self.random
        if kind in ("power of a site", "power of one", "battery", "foreign alone"):
            for each in affected:
                each.lose_power()
            return lambda: [each.get_power(world.now, random) for each in affected] and None
        if kind in ("router of a site", "wifi of one", "weak signal"):
            return self._set(affected, "has_network", False)
        if kind == "sensor":
            return self._set(affected, "sensor_fails", True)
        if kind == "server off":
            return self._set([world], "server_is_on", False)
        if kind == "server not reached":
            return self._set([world], "is_reached", False)
        for each in affected:
            each.hangs = True
        cause = {"hang": 6, "crash": random.choice((1, 2, 3))}[kind]
        return lambda: [each.reset(world.now, cause) for each in affected] and None

    def _set(self, things: list, name: str, value: bool) -> Callable[[], None]:
        for each in things:
            setattr(each, name, value)
        return lambda: [setattr(each, name, not value) for each in things] and None

    def _last(self, length: timedelta, affected: list) -> None:
        """Let the event last: step by step until it is told, and before its end."""
        world, longest = self.world, max(each.interval for each in affected)
        limits = [self.limits[each] for each in affected]
        soon = min(min(limits) - 2 * longest, length)
        told = max(limits) + 2 * longest + 2 * MINUTE
        world.pass_by(soon)
        world.is_watched_closely = True  # As the real watch does, every 20 seconds.
        world.pass_by(min(told, length) - soon)
        world.is_watched_closely = False
        if length <= told + HOUR / 2:
            world.pass_by(max(length - told, timedelta()))
            return
        left = length - told - 5 * MINUTE
        while left > timedelta():
            part = min(left, HOUR)
            world.skip(part)
            left -= part
        world.pass_by(5 * MINUTE)

    def _wait_for_outboxes(self, affected: list) -> None:
        while any(each.outbox for each in affected):
            self.world.pass_by(MINUTE)

    def _verdict(self, kind: str, cause: str) -> str:
        return "right" if cause in self.true[kind] else "not known" if cause == "unknown" else "wrong"

    def _look(self, kind: str, affected: list, begun_at, ended_at) -> None:
        """Compare what was told with what happened."""
        from outages.explanation import explain
        from outages.models import Outage

        result, world = self.result, self.world
        for each in affected:
            if ended_at - begun_at <= self.limits[each] + 2 * each.interval:
                result.usual += 1  # It has been silent for as long on other days.
                continue
            outages = list(
                Outage.objects.filter(station=each.station, began_at__lte=ended_at, was_watched=True).filter(
                    ended_at__gt=begun_at
                )
            )
            result.outages += 1
            result.told[f"{len(outages)} outages"] += 1
            if len(outages) != 1:
                result.not_once.append((kind, str(each.station), len(outages), str(ended_at - begun_at)))
            for outage in outages:
                verdict = self._verdict(kind, explain(each.station, outage.began_at, outage.ended_at, world.now).cause)
                result.causes[kind][verdict] += 1
                if verdict == "wrong":
                    result.wrong.append(
                        (kind, str(each.station), outage.cause, outage.is_sure, str(outage.length(world.now)))
                    )
                    result.sure_and_wrong += outage.is_sure
            if kind not in ("sensor", "server off"):  # Nothing was silent; and nobody can tell while the server is off.
                self._look_at_messages(kind, each, begun_at, ended_at)

    def _look_at_messages(self, kind: str, device, begun_at, ended_at) -> None:
        from alerts.models import Incident, Notice, Told

        result = self.result
        incidents = Incident.objects.filter(
            station=device.station, rule__kind="silent", began_at__lte=ended_at, found_at__gte=begun_at
        )
        result.told[f"{len(incidents)} alarms"] += 1
        for incident in incidents:
            notices = Notice.objects.filter(incidents=incident)
            result.told[f"{notices.filter(kind=Told.BEGAN).count()} messages of an alarm"] += 1
            result.told[f"{notices.filter(kind=Told.ENDED).count()} messages of its end"] += 1
            first = notices.filter(kind=Told.BEGAN).order_by("created_at").first()
            after = first.created_at - incident.began_at - self.limits[device] if first else timedelta()
            if after > 2 * device.interval:
                result.late.append((kind, str(device.station), str(after)))


def make_world(seed: int, sites=None, make=None):
    from alerts.models import Channel, Recipient
    from freetemp.encryption import encrypt
    from tests.outages.world import BEGIN, World

    anna = Recipient.objects.create(name="Anna", created_at=BEGIN - timedelta(days=30))
    Channel.objects.create(recipient=anna, service="mail", encrypted_address=encrypt("anna@school.example"))
    return (make or World)(seed, sites or SITES)


@contextmanager
def database() -> Iterator[Path]:
    """Yield a folder with a database of its own, which is Django's by then."""
    hear_ctrl_c()
    with tempfile.TemporaryDirectory(prefix="freetemp-year-") as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/year.sqlite3"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        os.environ["VAR_DIR"] = folder
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        setup_test_environment()
        settings.EMAIL_HOST = "mail.invalid"
        call_command("migrate", verbosity=0)
        yield Path(folder)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.outages.year", description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with database():
        world = make_world(options.seed)
        with world.clock():
            result = Year(world).play(options.days)
        print("\n".join(lines(result)))  # noqa: T201
    return result.faults


if __name__ == "__main__":
    sys.exit(main())
