"""The devices that have announced themselves on the broker, and the stations that they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from freetemp.fields import from_millis
from readings.foreign.mqtt.messages import Announced, Presence, Route
from readings.models import MqttDevice
from stations.mac import MOST_OF_AN_IDENTITY, same_identity
from stations.models import Station

MOST_DEVICES = 2_000  # Whoever may announce devices could announce any number.


class Devices:
    """The announced devices. Whoever writes them calls look() after the commit."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self._stations: dict[str, int] = {}  # by identity

    def look(self) -> None:
        """Look up which devices are stations now: people may have registered some."""
        rows = Station.objects.filter(active=True).exclude(identity="").values_list("identity", "pk").order_by()
        self._stations = dict(rows)
        found = MqttDevice.objects.filter(identity__in=self._stations).values_list("identity", "kind", "topics")
        self.routes = {
            topic: Route(identity, kind, told) for identity, kind, topics in found for topic, told in topics.items()
        }

    def station_of(self, identity: str) -> int:
        """Return the number of the active station with an identity, or 0."""
        return self._stations.get(same_identity(identity), 0)

    def keep(self, announced: Iterable[Announced], now_ms: int) -> bool:
        """Write down what devices tell of themselves, and return whether anything is new. Call it in a transaction."""
        return sum(self._keep(each, now_ms) for each in announced) > 0

    def _keep(self, told: Announced, now_ms: int) -> bool:
        identity = same_identity(told.identity)[:MOST_OF_AN_IDENTITY]
        there = MqttDevice.objects.filter(identity=identity).first()
        if there is None and MqttDevice.objects.count() >= MOST_DEVICES:
            return False
        device = there or MqttDevice(identity=identity, announced_at=from_millis(now_ms))
        device.topics, before = _topics(device.topics, told), device.topics
        words = (told.kind, told.name[:80] or device.name, told.model[:80] or device.model)
        is_new = there is None or before != device.topics or words != (device.kind, device.name, device.model)
        if is_new:
            device.kind, device.name, device.model = words
            device.save()
        return is_new

    @staticmethod
    def note(presences: Iterable[Presence], now_ms: int) -> None:
        """Write down which devices the broker calls away, and since when it does."""
        for identity, is_online in dict(presences).items():
            device = MqttDevice.objects.filter(identity=same_identity(identity))
            if is_online:
                device.exclude(offline_since=None).update(offline_since=None)
            else:
                device.filter(offline_since=None).update(offline_since=from_millis(now_ms))

    @staticmethod
    def note_seen(identities: Iterable[str], now_ms: int) -> None:
        names = {same_identity(each) for each in identities}
        if names:
            MqttDevice.objects.filter(identity__in=names).update(seen_at=from_millis(now_ms))


def _topics(before: Mapping[str, Any], told: Announced) -> dict[str, Any]:
    """Return a device's topics. What tells a part adds to those of other parts, also within a topic."""
    if not told.is_part:
        return dict(told.topics)
    topics = dict(before)
    for topic, new in told.topics.items():
        known = topics.get(topic)
        topics[topic] = {**known, **new} if isinstance(known, dict) and isinstance(new, dict) else new
    return topics
