"""A simulated world: sites whose stations share power and a router, the real ingest and watch, and a clock to move.

Boards are played here, by the rules of firmware/device/: what is not delivered waits in an outbox, a power cut loses
the memory and begins a new boot, a reset begins a new start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from unittest import mock

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import NamedBatch, NamedValue, Sample

A_REPORT, REPORTS_A_STEP = 50, 8  # as the firmware sends what has waited
STEP = timedelta(seconds=20)
MINUTE = timedelta(minutes=1)
BEGIN = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class Device:
    """A station's device: a board, an old one that tells no `board`, one of single values, or another maker's."""

    station: object
    claim: object
    kind: str
    site: str
    offset: timedelta
    has_power: bool = True
    hangs: bool = False
    sensor_fails: bool = False
    has_network: bool = True
    boot: int = 0
    start: int = 1
    reset_cause: int = 0
    seq: int = 0
    started_at: datetime = BEGIN
    rssi: int = -60
    voltage: float = 4.1
    told_at: datetime = BEGIN
    outbox: list = field(default_factory=list)

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.station.interval_s)

    @property
    def has_outbox(self) -> bool:
        return self.kind in ("board", "old")

    def lose_power(self) -> None:
        self.has_power = False  # What waits is on flash.

    def get_power(self, now: datetime, random: Random) -> None:
        self.has_power, self.boot, self.start, self.seq = True, random.getrandbits(32), 1, 0
        self.reset_cause, self.started_at = random.choice((0, 6)), now

    def reset(self, now: datetime, cause: int) -> None:
        self.hangs, self.reset_cause, self.started_at = False, cause, now
        self.start += 1


class World:
    """Time passes in steps. Each station reports by its own second; those out of focus are only marked as heard."""

    def __init__(self, seed: int, sites: dict[str, list[tuple[str, int]]]) -> None:
        from alerts.watching import Watcher

        self.random = Random(seed)
        self.now = BEGIN
        self.server_is_on = self.is_reached = True
        self.devices = [self._make(site, n, *each) for site, kinds in sites.items() for n, each in enumerate(kinds)]
        self.focus: list[Device] = []
        self.watcher = Watcher(lambda: self.now)
        self.noted_at = self.heard_at = BEGIN
        self.is_watched_closely = False
        self.looked_at = BEGIN
        self.held: set[Device] = set()  # Their reports are lost on the way just now.

    @contextmanager
    def clock(self) -> Iterator[None]:
        with mock.patch("django.utils.timezone.now", side_effect=lambda: self.moment):
            yield

    @property
    def moment(self) -> datetime:
        """Return what the server's clock shows."""
        return self.now

    @property
    def played(self) -> list[Device]:
        """Return the devices in focus whose rules are played here."""
        return self.focus

    def _make(self, site: str, n: int, kind: str, interval_s: int) -> Device:
        from stations.models import Claim, Key, Station

        mac = "" if kind == "foreign" else f"6c:ef:7f:{self.random.randrange(256):02x}:{ord(site):02x}:{n:02x}"
        own = {"device": "ecowitt"} if kind == "foreign" else {"mac": mac}
        station = Station.objects.create(name=f"{site}{n} {kind}", interval_s=interval_s, last_heard_at=BEGIN, **own)
        if kind == "foreign":
            station.fields.create(number=1, name="temperature", unit="degC", source="tempf")
        station.fields.create(number=2, name="battery", unit="V", source="batt")
        key = f"{self.random.getrandbits(128):032x}"
        Key.objects.issue(station, key)
        offset = timedelta(seconds=self.random.randrange(interval_s))
        return Device(station, Claim.of(mac, key), kind, site, offset, boot=self.random.getrandbits(32))

    def pass_by(self, length: timedelta) -> None:
        """Let a time pass step by step, with the watch."""
        end = self.now + length
        while self.now < end:
            self.now += STEP
            self._report()
            self._look()

    def skip(self, length: timedelta) -> None:
        """Let a time pass in which nothing begins or ends. Boards that cannot deliver go on measuring."""
        before, self.now = self.now, self.now + length
        for device in self.played:
            for at in self._due(device, before):
                self._measure(device, at)
        self._others_are_heard()
        if self.server_is_on:
            from outages.models import ServerRun

            if run := ServerRun.objects.order_by("-until_at").first():
                ServerRun.objects.filter(pk=run.pk).update(until_at=self.now)
            self.watcher.go_round()

    def _due(self, device: Device, before: datetime) -> Iterator[datetime]:
        """Yield the moments since a moment at which a device measures."""
        interval, origin = device.interval, BEGIN + device.offset
        at = origin + ((before - origin) // interval + 1) * interval
        while at <= self.now:
            yield at
            at += interval

    def _report(self) -> None:
        for device in self.played:
            for at in self._due(device, self.now - STEP):
                self._measure(device, at)
            if device.outbox and self._reaches(device) and device.has_power and not device.hangs:
                self._deliver(device)
        self._others_are_heard()

    def _others_are_heard(self) -> None:
        from stations.models import Station

        if not (self.server_is_on and self.is_reached):
            return
        if self.now - self.heard_at >= MINUTE:
            away = [each.station.pk for each in self.devices if each in self.focus or each in self.held]
            Station.objects.exclude(pk__in=away).update(last_heard_at=self.now)
            self.heard_at = self.now

    def remember(self) -> None:
        """Give each station the days before, of which no report was played."""
        from readings.models import Day
        from readings.models.day import DayTotal

        start = self.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
        Day.objects.add({(each.station.pk, 1, to_millis(start)): DayTotal(99, 0, 0, 0, 24, 0) for each in self.devices})

    def _reaches(self, device: Device) -> bool:
        return device.has_network and self.server_is_on and self.is_reached

    def _measure(self, device: Device, at: datetime) -> None:
        if not device.has_power or device.hangs:
            return
        if device.sensor_fails:
            if self.now - device.told_at >= timedelta(seconds=600) and self._reaches(device):
                device.told_at = self.now
                self._batch(device, [], "ds18b20: no answer")
            return
        if device.has_outbox:
            for number, value in ((1, 20.0), (2, device.voltage)):
                device.seq += 1
                sample = Sample(device.seq, number, value, to_millis(at), is_age=False)
                device.outbox.append((device.boot, sample))
        elif self._reaches(device):
            self._single(device)

    def _single(self, device: Device) -> None:
        if device.kind == "single":
            ingest.record(device.claim, 1, 20.0)
            return
        at_ms = to_millis(self.now)
        values = [NamedValue("tempf", 20.0, "degC", at_ms), NamedValue("batt", device.voltage, "V", at_ms)]
        ingest.record_named(NamedBatch(device.claim, values))

    def _deliver(self, device: Device) -> None:
        for _ in range(REPORTS_A_STEP):
            if not device.outbox:
                return
            boot = device.outbox[0][0]
            samples = [sample for of, sample in device.outbox[:A_REPORT] if of == boot]
            self._batch(device, samples, boot=boot)
            del device.outbox[: len(samples)]

    def _batch(self, device: Device, samples: list[Sample], trouble: str = "", boot: int | None = None) -> None:
        from readings.ingest.group_commit import group_commit
        from readings.ingest.reports import Batch
        from readings.models.board_state import Told

        told = None
        if device.kind == "board" and (boot is None or boot == device.boot):
            up_s = int((self.now - device.started_at).total_seconds())
            told = Told(device.start, device.reset_cause, up_s, device.rssi, 3.3, 20_000, 0)
        group_commit.submit(Batch(device.claim, device.boot if boot is None else boot, samples, trouble, "", told))

    def _look(self) -> None:
        from outages.running import note_running

        if not self.server_is_on:
            return
        if self.now - self.noted_at >= MINUTE:
            note_running()
            self.noted_at = self.now
        if self.is_watched_closely or self.now - self.looked_at >= MINUTE:
            self.watcher.go_round()
            self.looked_at = self.now
