"""ThingSpeak's topics: channels/<id>/publish takes a form, channels/<id>/publish/fields/field1 takes one value.

ThingSpeak's broker knows the user of a channel. Here the key stands behind the topic, or in the form, or the broker
lets a user write only to the channel that is its station.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from readings.foreign.mqtt.messages import Message, Read, sender
from readings.foreign.thingspeak import KNOWN, ThingSpeak
from readings.foreign.upload import Sent, Upload, Value, number_of
from readings.ingest.reports import NoReportError

_TOPIC = re.compile(r"channels/([0-9]+)/publish(?:/fields/(field[1-8]))?(?:/([^/]+))?", re.ASCII)


class Channels:
    """The MqttFormat of this module."""

    readings: ClassVar[Sequence[str]] = ("channels/+/publish/#",)
    announcements: ClassVar[Sequence[str]] = ()

    @staticmethod
    def read(message: Message, *, proves_stations: bool) -> Read:
        found = _TOPIC.fullmatch(message.topic)
        if found is None:
            raise NoReportError("topic: channels/<id>/publish or channels/<id>/publish/fields/field1 expected")
        channel, field, key = found.groups()
        by = sender(key or (channel if proves_stations else ""), proves_stations=proves_stations and not key)
        if field:
            return [Upload(values=[Value(KNOWN[field], number_of(message.text), None)], **by)]
        sent = Sent("POST", {"key": key or ""}, "", {}, message.payload, message.now_ms)
        told = ThingSpeak.read(sent)
        by = {"key": told.key} if told.key else by
        return [Upload(values=told.values, unknown=told.unknown, **by)]
