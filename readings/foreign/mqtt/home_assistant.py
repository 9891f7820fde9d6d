"""Devices that announce themselves to Home Assistant, such as ESPHome's: their configs are a catalogue of fields.

As homeassistant 2026.2.3 reads them (components/mqtt). A sensor is <prefix>/sensor/[<node>/]<object>/config, and a
device with all of its components is <prefix>/device/<id>/config. A device is known by its identifiers or connections:
unique ids of ESPHome's are the same on many boards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from readings.foreign.mqtt.messages import Announced, Message, Read, Route
from readings.foreign.mqtt.told import ONLINE, source_of, told, values_of
from readings.foreign.upload import Upload
from stations.mac import MOST_OF_AN_IDENTITY

ORIGIN = "freetemp"  # of what freetemp announces itself
_LONG = {
    "stat_t": "state_topic",
    "unit_of_meas": "unit_of_measurement",
    "dev_cla": "device_class",
    "val_tpl": "value_template",
    "avty_t": "availability_topic",
    "pl_avail": "payload_available",
    "dev": "device",
    "ids": "identifiers",
    "cns": "connections",
    "mdl": "model",
    "sw": "sw_version",
    "p": "platform",
    "cmps": "components",
    "o": "origin",
}
# {{ value_json.temperature }}, {{ value_json['BME280'].Humidity | float }} and the like.
_TEMPLATE = re.compile(r"\{\{\s*value_json((?:\.\w+|\[['\"][^'\"\]]+['\"]\])+)\s*(?:\|[^}]*)?\}\}")
_PART = re.compile(r"\.(\w+)|\[['\"]([^'\"\]]+)['\"]\]")
_PLAIN = re.compile(r"\{\{\s*value\s*(?:\|[^}]*)?\}\}")
# Texts, moments and sizes.
_NO_QUANTITY = frozenset(["timestamp", "date", "enum", "duration", "data_size", "data_rate"])


class HomeAssistant:
    """The AnnouncingFormat of this module."""

    readings: ClassVar[Sequence[str]] = ()
    announcements: ClassVar[Sequence[str]] = (
        "homeassistant/sensor/+/config",
        "homeassistant/sensor/+/+/config",
        "homeassistant/device/+/config",
        "homeassistant/device/+/+/config",
    )

    @staticmethod
    def read(message: Message, *, proves_stations: bool) -> Read:
        if not message.payload:
            return []  # It was removed.
        config = _expanded(message.json())
        device = _expanded(config.get("device"))
        identity = _identity(device)
        if not identity or _expanded(config.get("origin")).get("name") == ORIGIN:
            return []
        levels = message.topic.split("/")
        parts = config.get("components") if levels[1] == "device" else {levels[-2]: config | {"platform": "sensor"}}
        topics = _topics(config, parts if isinstance(parts, dict) else {})
        is_of_esphome = "esphome" in str(device.get("sw_version")).lower()
        kind = "esphome" if is_of_esphome or device.get("manufacturer") == "Espressif" else "homeassistant"
        name, model = (str(device.get(each) or "") for each in ("name", "model"))
        return [Announced(identity, kind, name, model, topics, is_part=levels[1] == "sensor")] if topics else []

    @staticmethod
    def read_routed(message: Message, route: Route) -> Read:
        return [Upload("", list(values_of(message, route)), identity=route.identity)]


def _expanded(config: Any) -> dict[str, Any]:
    """Return a part of a config with its names in full, and what `~` stands for in its topics."""
    if not isinstance(config, Mapping):
        return {}
    whole = {_LONG.get(str(name), str(name)): value for name, value in config.items()}
    base = whole.pop("~", None)
    for name, value in whole.items():
        if isinstance(base, str) and isinstance(value, str) and name.endswith("_topic"):
            whole[name] = (base + value[1:]) if value.startswith("~") else re.sub(r"~$", lambda _: base, value)
    return whole


def _identity(device: Mapping[str, Any]) -> str:
    """Return what names a device: its first identifier, or its first connection, such as its MAC address.

    Zigbee2MQTT's devices are announced by itself too, where they have their addresses.
    """
    given = device.get("identifiers")
    identifiers = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    connections = device.get("connections") if isinstance(device.get("connections"), list) else []
    found = [*identifiers, *(each[1] for each in connections or [] if isinstance(each, list) and len(each) == 2)]
    identity = next((each for each in found if isinstance(each, str) and each), "")
    is_of_zigbee2mqtt = identity.startswith("zigbee2mqtt_")
    return "" if is_of_zigbee2mqtt or len(identity) > MOST_OF_AN_IDENTITY else identity


def _topics(config: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    topics: dict[str, dict[str, Any]] = {}
    for key, given in parts.items():
        part = _expanded(given)
        topic, path = part.get("state_topic") or config.get("state_topic"), _path(part.get("value_template"))
        if part.get("platform") != "sensor" or not _is_topic(topic) or path is None or not _is_number(part):
            continue
        unit, of_class = str(part.get("unit_of_measurement") or ""), str(part.get("device_class") or "")
        name = str(part.get("name") or key)
        topics.setdefault(str(topic), {})[source_of(str(key))] = told(path, name, unit, of_class)
    available = config.get("availability_topic")
    if topics and _is_topic(available):
        topics.setdefault(str(available), {ONLINE: str(config.get("payload_available") or "online")})
    return topics


def _is_topic(topic: Any) -> bool:
    return isinstance(topic, str) and 0 < len(topic) < 200 and not set("#+\0") & set(topic)


def _is_number(part: Mapping[str, Any]) -> bool:
    is_measured = any(part.get(each) for each in ("unit_of_measurement", "device_class", "state_class", "stat_cla"))
    return is_measured and part.get("device_class") not in _NO_QUANTITY


def _path(template: Any) -> list[str] | None:
    """Return the place in JSON that a template takes: nothing for a plain value, None if it computes."""
    if not template or _PLAIN.fullmatch(str(template).strip()):
        return []
    found = _TEMPLATE.fullmatch(str(template).strip())
    return [dot or bracket for dot, bracket in _PART.findall(found[1])] if found else None
