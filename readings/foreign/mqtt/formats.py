"""The formats of messages, by the topics at which they are."""

from __future__ import annotations

from collections.abc import Sequence

from readings.foreign.mqtt.channels import Channels
from readings.foreign.mqtt.home_assistant import HomeAssistant
from readings.foreign.mqtt.messages import AnnouncingFormat, Message, MqttFormat, Read, Route
from readings.foreign.mqtt.own import Own
from readings.foreign.mqtt.tasmota_topics import TasmotaTopics
from readings.foreign.mqtt.told import is_presence, presence
from readings.foreign.mqtt.zigbee import Zigbee

FORMATS: Sequence[type[MqttFormat]] = [Own, Channels, TasmotaTopics, HomeAssistant, Zigbee]
_BY_KIND: dict[str, type[AnnouncingFormat]] = {
    "tasmota": TasmotaTopics,
    "esphome": HomeAssistant,
    "homeassistant": HomeAssistant,
    "zigbee2mqtt": Zigbee,
}
_BY_FIRST = {topics.split("/")[0]: each for each in FORMATS for topics in (*each.readings, *each.announcements)}

READINGS = [topics for each in FORMATS for topics in each.readings]
ANNOUNCEMENTS = [topics for each in FORMATS for topics in each.announcements]


def read(message: Message, route: Route | None, *, proves_stations: bool) -> Read | None:
    """Return the content of a message, or None if no format knows its topic. Raises NoReportError."""
    if route is not None and is_presence(route):
        return presence(message, route)
    if route is not None:
        return _BY_KIND[route.kind].read_routed(message, route)
    found = _BY_FIRST.get(message.topic.partition("/")[0])
    return found.read(message, proves_stations=proves_stations) if found else None
