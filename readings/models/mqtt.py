"""What freetemp knows of its MQTT broker: its own session there, and the devices that have announced themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models

from freetemp.fields import EpochMillisField
from stations.mac import MOST_OF_AN_IDENTITY

SIGN_OF_LIFE = timedelta(seconds=30)
GONE_AFTER = 4 * SIGN_OF_LIFE


class MqttSession(models.Model):
    """The session of listen_mqtt with its broker. There is one row."""

    client_id = models.CharField(max_length=40)
    # The last messages that are stored but may not be acknowledged: "message number:digest", separated by blanks.
    done = models.TextField(blank=True, default="")
    process = models.CharField(max_length=16, blank=True, default="")  # The last that has taken it: there is one.
    connected_at = EpochMillisField(null=True)  # None: it is not connected.
    alive_at = EpochMillisField(null=True)  # when listen_mqtt last said that it runs
    message_at = EpochMillisField(null=True)
    trouble = models.CharField(max_length=200, blank=True, default="")
    # The last time that messages had waited at the broker: their values without a moment have that of their arrival.
    waited_since = EpochMillisField(null=True)
    waited_until = EpochMillisField(null=True)
    waited_count = models.PositiveIntegerField(default=0)

    published: models.JSONField[Any, Any] = models.JSONField(default=list)  # topics at which something is retained

    def __str__(self) -> str:
        return self.client_id

    def is_running(self, at: datetime) -> bool:
        return self.alive_at is not None and at - self.alive_at < GONE_AFTER


class MqttDevice(models.Model):
    """A device that has announced itself on the broker. If a station has its identity, it reports for that one."""

    identity = models.CharField(max_length=MOST_OF_AN_IDENTITY, unique=True)
    kind = models.CharField(max_length=20, help_text="A key of stations.devices.")
    name = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=80, blank=True)
    # Its topics, each with what the format of its kind has to know to read a message there.
    topics: models.JSONField[Any, Any] = models.JSONField(default=dict)
    announced_at = EpochMillisField("announced")
    seen_at = EpochMillisField("seen", null=True)
    offline_since = EpochMillisField(null=True)  # Its broker says that it is away. None: it is not, or never said.

    class Meta:
        ordering = ["name", "identity"]
        verbose_name = "MQTT device"

    def __str__(self) -> str:
        return self.name or self.identity
