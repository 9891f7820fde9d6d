"""Publishes what has changed: announcements, newest values, and whether a station is heard from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import timezone

from freetemp.fields import to_millis
from readings.home_assistant import discovery
from readings.home_assistant.discovery import OFFLINE, ONLINE, SERVER
from stations.models import Station
from stations.models.station import newest_at
from stations.models.status import Status

Publish = Callable[[str, str], None]  # a topic and what it is to retain; nothing takes it away


class Publisher:
    """Publishes the public stations that are active. All of it is retained: whoever subscribes gets the newest at once.

    A field that has fallen silent while others have not has no value. A station is offline once it is late.
    """

    def __init__(self, instance: str, published: Iterable[str]) -> None:
        self.instance = instance
        self.retained = dict.fromkeys(published, "?")  # texts by their topics; those of earlier processes are not known

    last_words = (SERVER, OFFLINE)

    def begin(self, publish: Publish) -> None:
        """Publish everything on a new connection: another one may have had other words."""
        self.retained = dict.fromkeys(self.retained, "?")
        publish(SERVER, ONLINE)
        self.follow(publish)

    def follow(self, publish: Publish) -> bool:
        """Publish what is new, and take away what is gone. Return whether stations came or went."""
        wanted = self._wanted()
        for topic, text in wanted.items():
            if self.retained.get(topic) != text:
                publish(topic, text)
        gone = self.retained.keys() - wanted.keys()
        for topic in gone:
            publish(topic, "")
        has_changed = wanted.keys() != self.retained.keys()
        self.retained = wanted
        return has_changed

    def _wanted(self) -> dict[str, str]:
        """Return what every topic is to say, by topic."""
        now, wanted = timezone.now(), dict[str, str]()
        for station in Station.objects.filter(active=True, public=True).order_by("pk").with_fields():
            if not station.fields.all():
                continue
            is_alive = station.status(now) is Status.ALIVE
            wanted[discovery.topic(self.instance, station.pk)] = _json(discovery.config(self.instance, station))
            wanted[discovery.state_topic(station.pk)] = _json(_values(station))
            wanted[discovery.availability_topic(station.pk)] = ONLINE if is_alive else OFFLINE
        return wanted


def _values(station: Station) -> dict[str, Any]:
    """Return the newest values by the numbers of their fields, calibrated, and when the last of them was measured."""
    lagging = {field.number for field in station.lagging_fields()}
    fields = station.fields.all()
    newest = newest_at(fields)
    values = {str(field.number): None if field.number in lagging else field.newest_value for field in fields}
    return values | {"at": to_millis(newest) // 1000 if newest else None}


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
