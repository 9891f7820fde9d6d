"""Messages on an MQTT broker that are refused or changed: docs/nothing-lost.md."""

import logging
import threading
from unittest import mock

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from freetemp.conf.mqtt_url import broker
from freetemp.fields import now_millis, to_millis
from readings.foreign.mqtt.inbox import Arrived, Inbox
from readings.foreign.mqtt.listener import Listener, the_session
from readings.foreign.mqtt.messages import Message
from readings.models import MqttSession, Reading
from stations.models import Key, Station
from tests.nothing_lost.devices import STORE


class Device:
    """A device that publishes, without the broker in between: what is told does not depend on it."""

    def __init__(self):
        self.station = Station.objects.create(name="Roof", device="mqtt")
        self.key = Key.objects.issue(self.station)
        self.inbox = Inbox(the_session(), proves_stations=False)

    def message(self, text="21.4", key=None, *, name="/temperature", retained=False):
        told = Message(f"freetemp/in/{key or self.key}{name}", text.encode(), now_millis(), retained)
        return Arrived(told, 1, False)

    def send(self, *args, **options):
        self.inbox.store([self.message(*args, **options)])

    def values(self):
        return list(Reading.objects.filter(station=self.station).values_list("value", flat=True))

    def again(self):
        self.send()
        return 21.4 in self.values()


def mqtt_key(walk):
    device = Device()
    device.send(key="0" * 32)
    yield {}
    yield device.again()


def mqtt_malformed(walk):
    device = Device()
    device.send("{", name="")
    yield {}
    yield device.again()


def mqtt_rejected(walk):
    device = Device()
    device.send("warm")
    yield {}
    yield device.again()


def mqtt_retained(walk):
    device = Device()
    device.send(retained=True)
    yield {}
    assert device.values() == []
    yield False


def mqtt_waits(walk):
    device, connection, ending = Device(), mock.Mock(), threading.Event()
    walk.caplog.set_level(logging.INFO)
    listener = Listener(broker("mqtt://127.0.0.1"), proves_stations=False)
    listener.ending = ending
    connection.stay_alive.side_effect = lambda _: ending.set()
    message = device.message()
    with mock.patch(STORE, side_effect=OperationalError("database or disk is full")):
        listener._store([message], connection)
    connection.acknowledge.assert_not_called()
    yield {}
    ending.clear()
    listener._store([message._replace(is_repeat=True)], connection)
    connection.acknowledge.assert_called_once()
    yield device.values() == [21.4]


def mqtt_moment(walk):
    device, before_ms = Device(), now_millis()
    device.send()
    yield {}
    assert to_millis(Reading.objects.get(station=device.station).measured_at) >= before_ms
    yield False


def mqtt_waited(walk):
    at = timezone.now()
    waited = {"waited_since": at, "waited_until": at, "waited_count": 3}
    MqttSession.objects.create(client_id="x", alive_at=at, connected_at=at, **waited)
    with mock.patch.object(settings, "MQTT_BROKER", broker("mqtt://127.0.0.1")):
        yield {"overview": walk.told_by("overview")}
    yield False
