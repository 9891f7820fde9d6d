"""A listener in the test's own thread."""

import time

from freetemp.conf.mqtt_url import broker as parsed
from readings.foreign.mqtt.listener import Listener
from readings.models import MqttSession
from tests.programs import PATIENCE_S


class Until:
    """A listener's ending: it is set once a condition holds."""

    def __init__(self, holds):
        self.holds, self.deadline = holds, time.monotonic() + PATIENCE_S

    def is_set(self):
        assert time.monotonic() < self.deadline
        return self.holds()

    def wait(self, seconds):
        time.sleep(min(seconds, 0.2))


def is_connected():
    return MqttSession.objects.exclude(connected_at=None).exists()


def listen(broker, holds=is_connected, *, proves_stations=False):
    """Listen until a condition holds, which is asked after each group of messages. Return the listener."""
    listener = Listener(broker_of(broker), proves_stations=proves_stations)
    listener.ending = Until(holds)
    listener.run()
    return listener


def broker_of(broker):
    return parsed(broker.url)
